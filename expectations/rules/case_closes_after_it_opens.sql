-- table: mart_service_case
-- severity: warning
-- description: A service case is closed after it was opened; a source that says otherwise is shown as closed at once.
-- zh: 工单办结时间晚于受理时间；来源相反时按受理即办结展示。
SELECT case_number
FROM stg_channel__service_case
WHERE closed_at < occurred_at
