-- table: recon_source_load
-- severity: critical
-- description: Rows and amounts of every load: sent = landed + rejected, landed = staged + quarantined.
-- zh: 各批次：发送 = 入站 + 拒收，入站 = 标准化 + 隔离；行数与金额均须平衡。
SELECT
    format(
        '{} {} {}: rows sent {}, rejected {}, landed {}, staged {}, quarantined {}; '
        || 'amounts sent {}, landed {}, corrected {}, staged {}, quarantined {}',
        source,
        table_name,
        business_date,
        coalesce(rows_sent, rows_landed + rows_rejected),
        rows_rejected,
        rows_landed,
        rows_staged,
        rows_quarantined,
        amount_sent::VARCHAR,
        amount_landed::VARCHAR,
        amount_corrected::VARCHAR,
        amount_staged::VARCHAR,
        amount_quarantined::VARCHAR
    ) AS load
FROM recon_source_load
WHERE
    rows_sent <> rows_landed + rows_rejected
    OR rows_landed <> rows_staged + rows_quarantined
    OR amount_sent <> amount_landed
    OR amount_landed + amount_corrected <> amount_staged + amount_quarantined
