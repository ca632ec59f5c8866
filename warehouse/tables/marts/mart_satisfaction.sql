WITH response AS (
    SELECT
        date_trunc('quarter', survey.occurred_at)::DATE AS quarter,
        coalesce(survey.about, 'unknown') AS about,
        coalesce(mart_segment.segment, 'unknown') AS segment,
        (survey.net_promoter_score >= 9)::INTEGER AS is_promoter,
        (survey.net_promoter_score <= 6)::INTEGER AS is_detractor,
        (survey.satisfaction >= 4)::INTEGER AS is_satisfied,
        survey.effort
    FROM stg_channel__survey AS survey
    LEFT JOIN bridge_channel_identity ON survey.user_id = bridge_channel_identity.user_id
    LEFT JOIN mart_segment
        ON bridge_channel_identity.customer_id = mart_segment.customer_id AND mart_segment.scheme = 'rfm'
    WHERE survey.occurred_at < $business_date + 1 AND survey.net_promoter_score IS NOT NULL
),

segment_size AS (
    SELECT
        segment,
        count(*) AS customers
    FROM mart_segment
    WHERE scheme = 'rfm'
    GROUP BY segment
),

stratum AS (
    SELECT
        response.quarter,
        response.about,
        response.segment,
        grouping(response.about) AS is_all_subjects,
        min(segment_size.customers) AS customers,
        avg(response.is_promoter - response.is_detractor) AS score
    FROM response
    INNER JOIN segment_size ON response.segment = segment_size.segment
    GROUP BY GROUPING SETS ((response.quarter, response.about, response.segment), (response.quarter, response.segment))
),

weighted AS (
    SELECT
        quarter,
        CASE WHEN is_all_subjects = 1 THEN 'all' ELSE about END AS about,
        100 * sum(customers * score) / sum(customers) AS nps_weighted
    FROM stratum
    GROUP BY quarter, CASE WHEN is_all_subjects = 1 THEN 'all' ELSE about END
),

tally AS (
    SELECT
        quarter,
        CASE WHEN grouping(about) = 1 THEN 'all' ELSE about END AS about,
        CASE WHEN grouping(segment) = 1 THEN 'all' ELSE segment END AS segment,
        count(*) AS responses,
        sum(is_promoter) AS promoters,
        sum(is_detractor) AS detractors,
        avg(is_promoter - is_detractor) AS net_share,
        avg(is_promoter + is_detractor) AS decided_share,
        avg(is_satisfied) AS csat,
        count(is_satisfied) AS csat_responses,
        avg(effort) AS effort_mean,
        1.96 * stddev_samp(effort) / sqrt(count(effort)) AS effort_margin
    FROM response
    GROUP BY GROUPING SETS ((quarter), (quarter, about), (quarter, segment))
),

with_margin AS (
    SELECT
        *,
        1.96 * sqrt((decided_share - net_share * net_share) / responses) AS nps_margin,
        (csat + 1.9208 / csat_responses) / (1 + 3.8416 / csat_responses) AS csat_centre,
        1.96 * sqrt(csat * (1 - csat) / csat_responses + 0.9604 / (csat_responses * csat_responses))
        / (1 + 3.8416 / csat_responses) AS csat_margin
    FROM tally
)

SELECT
    with_margin.quarter,
    with_margin.about,
    with_margin.segment,
    with_margin.responses,
    with_margin.responses >= 30 AS is_reliable,
    with_margin.promoters,
    with_margin.detractors,
    round(100 * with_margin.net_share, 1) AS nps,
    round(100 * greatest(with_margin.net_share - with_margin.nps_margin, -1), 1) AS nps_low,
    round(100 * least(with_margin.net_share + with_margin.nps_margin, 1), 1) AS nps_high,
    CASE WHEN with_margin.segment = 'all' THEN round(weighted.nps_weighted, 1) END AS nps_weighted,
    round(with_margin.csat, 4) AS csat,
    round(greatest(with_margin.csat_centre - with_margin.csat_margin, 0), 4) AS csat_low,
    round(least(with_margin.csat_centre + with_margin.csat_margin, 1), 4) AS csat_high,
    round(with_margin.effort_mean, 2) AS effort_mean,
    round(with_margin.effort_mean - with_margin.effort_margin, 2) AS effort_low,
    round(with_margin.effort_mean + with_margin.effort_margin, 2) AS effort_high
FROM with_margin
LEFT JOIN weighted ON with_margin.quarter = weighted.quarter AND with_margin.about = weighted.about
