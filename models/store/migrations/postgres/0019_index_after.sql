-- The first batch of a ledger month is copied into a table without indexes, which are built behind it: half the work of
-- keeping them through a million lines. Both functions belong into one transaction; nobody sees the table between them,
-- and who needs the month meanwhile waits in make_payments_partition.
-- +goose Up
-- Makes the table of a month that has none. False: it has one. Where another load begins the month, this one waits for as
-- long as a statement may take.
-- +goose StatementBegin
CREATE FUNCTION begin_payments_partition(month text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = 0 AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(part, 0));
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE payments INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('GRANT INSERT ON %I TO %I', part, session_user);
    RETURN true;
END
$$;
-- +goose StatementEnd

-- Builds the indexes of a month's new table, on one core, and shows it. All the work is done by then: it waits for the lock, too.
-- +goose StatementBegin
CREATE FUNCTION end_payments_partition(month text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = 0 SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    EXECUTE format('ALTER TABLE payments ATTACH PARTITION %I FOR VALUES IN (%L)', part, month);
    EXECUTE format('REVOKE INSERT ON %I FROM %I', part, session_user);
END
$$;
-- +goose StatementEnd
