package store

import (
	"slices"
	"strings"
)

// Class says how much a column tells about someone. Export, erasure and the log tests read it.
type Class string

// The data classes.
const (
	Public    Class = "public"    // may be shown to anyone: outlets, fees, banks
	Internal  Class = "internal"  // ours: ids, states, instants, counters
	Sensitive Class = "sensitive" // about one person: shown to that person, masked to others
	Core      Class = "core"      // identity, keys and credentials: sealed, wrapped or hashed, never in clear
)

// Retention says how long a row's column stays.
type Retention string

// The retention classes. The figure beside each is policy of the bureau where no law names it.
const (
	KeepAlways     Retention = "always"      // the schema's own furniture and the history of settings
	KeepMirror     Retention = "mirror"      // while the registry holds the person, card or payment
	KeepAccount    Retention = "account"     // until the platform account is unbound or the staff member leaves
	KeepRecord     Retention = "record"      // a decided case: 5 years after its end
	KeepThreeYears Retention = "three_years" // audit and its seals, calls, consents (R57)
	KeepHalfYear   Retention = "half_year"   // notices and their receipts
	KeepDays       Retention = "days"        // codes, sessions, request keys: dropped by a cleaner after their end
)

// TableColumns classifies one table. Every column of the table stands in Columns exactly once; Keep is the
// retention of all but those named in Except.
//
// To add a table: put one TableColumns into the list of your capability's file (columns_<capability>.go); the list
// itself is already collected below. TestEveryColumnIsClassified names what is missing or too much.
type TableColumns struct {
	Table   string
	Keep    Retention
	Columns map[Class][]string
	Except  map[string]Retention
}

// Column is one classified column.
type Column struct {
	Table, Name string
	Class       Class
	Keep        Retention
}

// Columns lists every classified column, by table and name.
func Columns() []Column {
	var out []Column
	for _, t := range slices.Concat(baseColumns, policyColumns, citizenColumns, cardColumns, registryColumns,
		subsidyColumns, explainColumns, feedbackColumns, noticeColumns, hotlineColumns, telephoneColumns, orderColumns, feeColumns, knowledgeColumns) {
		for class, names := range t.Columns {
			for _, name := range names {
				c := Column{t.Table, name, class, t.Keep}
				if keep, ok := t.Except[name]; ok {
					c.Keep = keep
				}
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b Column) int {
		if a.Table != b.Table {
			return strings.Compare(a.Table, b.Table)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// baseColumns are the tables of migration 0001.
var baseColumns = []TableColumns{
	{Table: "data_keys", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"id", "wrapped_by", "created_at"}, Core: {"wrapped_key"},
	}},
	{Table: "key_rotations", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"id", "data_key", "index_key", "stage", "at_table", "after_key", "round", "left_over", "seen", "changed", "started_at", "stage_at", "finished_at"},
	}},
	{Table: "person_lookups", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"person_id", "field", "key_version"}, Core: {"lookup_index"},
	}},
	{Table: "audit_entries", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {
			"id", "tx", "at", "actor_kind", "actor_id", "channel", "level", "call_id", "action", "object", "object_id",
			"result", "detail", "digest",
		},
		Sensitive: {"subject_id"},
	}},
	{Table: "audit_seals", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"n", "from_tx", "to_tx", "entries", "hash", "signature", "sealed_at"},
	}},
	{Table: "idempotency_keys", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"actor", "operation", "result_table", "result_id", "created_at"}, Core: {"key_mac", "body_mac"},
	}},
	{Table: "receipt_counters", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"name", "day", "last"},
	}},
}
