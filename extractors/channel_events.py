"""Event types of the digital and service channels, and the table each lands in."""

TABLE_OF_TYPE = {
    "register": "profile",
    "profile": "profile",
    "login": "login",
    "page": "page",
    "transfer_view": "transfer_view",
    "call": "call",
    "chat": "chat",
    "branch_ticket": "branch_ticket",
    "service_case": "service_case",
    "survey": "survey",
    "campaign_contact": "campaign_contact",
    "campaign_response": "campaign_response",
    "consent_change": "consent_change",
    "lead": "lead",
    "opportunity": "opportunity",
    "social": "social",
    "crm_usage": "crm_usage",
    "training": "training",
}
ENVELOPE = (
    "event_id", "event_type", "channel", "event_ts", "ingest_ts", "uid", "cif_no", "device_id", "openid", "session_id",
    "ip", "app_ver", "payload",
)  # fmt: skip
