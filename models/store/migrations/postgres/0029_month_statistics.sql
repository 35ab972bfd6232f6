-- A month that was filled a moment ago has no statistics until the server's own collector comes by. Until then the planner
-- takes half of its lines for held ones and reads all of them for the list of held payments, beside the next payday.

-- +goose Up
-- Lets the planner know a month of which it knows nothing; of others it learns by itself. A small sample tells enough:
-- nearly no line is held. Who may call it is told by name: it works with the owner's rights.
-- +goose StatementBegin
CREATE FUNCTION know_payments_partition(month text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET default_statistics_target = 10 SET lock_timeout = '1s' AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    -- pg_stats, since pg_statistic itself is for superusers only.
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace AND relispartition)
        AND NOT EXISTS (SELECT FROM pg_stats WHERE schemaname = 'public' AND tablename = part) THEN
        EXECUTE format('ANALYZE %I', part);
    END IF;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION know_payments_partition(text) FROM PUBLIC;
