package store

// orderColumns classifies the tables of work orders and ratings (see TableColumns).
var orderColumns = []TableColumns{
	{Table: "work_orders", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {
			"id", "department", "district", "owner_id", "opened_by", "call_id", "opened_at", "accept_by", "due_at", "escalate_at", "extended_at",
			"urged_at", "urges", "returns", "misses", "reopens", "reminded_at", "escalated_at", "version",
		},
		Sensitive: {"type", "state", "programme", "reason_code", "reopened_at", "answered_at", "closed_at"}, Core: {"text_sealed"},
	}},
	{Table: "work_order_steps", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"id", "order_id", "at", "actor_kind", "staff_id", "act"},
		Sensitive: {"from_state", "to_state", "code"}, Core: {"note_sealed"},
	}},
	{Table: "ratings", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "object", "object_id", "kind", "channel", "order_id", "month", "at"}, Sensitive: {"level"},
	}},
	{Table: "order_files", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "number", "department", "district", "made_by", "made_at"},
	}},
	{Table: "order_file_lines", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"file_id", "line", "order_id", "answered_at"},
	}},
}
