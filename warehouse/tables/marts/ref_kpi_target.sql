SELECT
    target.kpi,
    target.quarter,
    target.kpi_name,
    target.parent_kpi,
    coalesce(target.parent_kpi || ' > ', '') || target.kpi AS tree_path,
    target.definition,
    target.unit,
    target.is_higher_better,
    target.owner,
    target.target,
    round(
        target.target - lag(target.target) OVER (PARTITION BY target.kpi ORDER BY target.quarter), 6
    ) AS target_change,
    date_trunc('quarter', $business_date)::DATE = target.quarter AS is_in_force
FROM seed_kpi_target AS target
