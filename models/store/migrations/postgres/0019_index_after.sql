-- The first batch of a ledger month is copied into a table without indexes, which are built behind it: half the work of
-- keeping them through a million lines. Who may call these functions is told by name: they work with the owner's rights.

-- +goose Up
-- The table of a month as far as it is one of payments. What another name left there, never attached, goes: nobody who made it
-- can still be at work, because its maker holds the month until the commit.
-- +goose StatementBegin
CREATE FUNCTION payments_partition_stands(month text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
    attached boolean;
BEGIN
    SELECT relispartition INTO attached FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace;
    IF NOT attached THEN
        EXECUTE format('DROP TABLE %I', part);
    END IF;
    RETURN coalesce(attached, false);
END
$$;
-- +goose StatementEnd

-- Makes the table of a month that has none. False: it has one. Where another load begins the month, this one waits for its end.
-- +goose StatementBegin
CREATE FUNCTION begin_payments_partition(month text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = 0 AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace AND relispartition) THEN
        RETURN false;
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended(part, 0)) THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(part, 0)); -- those who waited go on side by side
        IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace AND relispartition) THEN
            RETURN false;
        END IF;
        RAISE EXCEPTION 'another began this month and failed' USING ERRCODE = '55P03';
    END IF;
    IF payments_partition_stands(month) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE payments INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    IF session_user <> current_user THEN
        EXECUTE format('GRANT INSERT ON %I TO %I', part, session_user);
    END IF;
    RETURN true;
END
$$;
-- +goose StatementEnd

-- Builds the indexes of a month's new table, on one core, and shows it. Only showing it needs payments itself, and for that it
-- waits: all the work is done by then.
-- +goose StatementBegin
CREATE FUNCTION end_payments_partition(month text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = 0 SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
    def text;
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    FOR def IN SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'payments'::regclass AND contype IN ('p', 'u') LOOP
        EXECUTE format('ALTER TABLE %I ADD %s', part, def);
    END LOOP;
    FOR def IN SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'payments'::regclass
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) LOOP
        EXECUTE regexp_replace(def, '^(CREATE (UNIQUE )?INDEX) \S+ ON ONLY \S+ ', format('\1 ON %I ', part));
    END LOOP;
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT of_its_month CHECK (ledger_month = %L)', part, month); -- so that attaching reads nothing
    EXECUTE format('ALTER TABLE payments ATTACH PARTITION %I FOR VALUES IN (%L)', part, month);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_its_month', part);
    IF session_user <> current_user THEN
        EXECUTE format('REVOKE INSERT ON %I FROM %I', part, session_user);
    END IF;
END
$$;
-- +goose StatementEnd

-- As before, but who finds that another begins the month, or shows one, is told so at once: a page of the feed holds its
-- source's cursor, which a load wants at its end.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_payments_partition(month text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    part text := 'payments_' || replace(month, '-', '_');
BEGIN
    IF month !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN
        RAISE EXCEPTION 'not a ledger month' USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace AND relispartition) THEN
        RETURN;
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended(part, 0)) THEN
        RAISE EXCEPTION 'another begins this month' USING ERRCODE = '55P03';
    END IF;
    IF payments_partition_stands(month) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE payments INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE payments ATTACH PARTITION %I FOR VALUES IN (%L)', part, month);
END
$$;
-- +goose StatementEnd

REVOKE EXECUTE ON FUNCTION payments_partition_stands(text), begin_payments_partition(text), end_payments_partition(text),
    make_payments_partition(text) FROM PUBLIC;
