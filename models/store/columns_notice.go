package store

// noticeColumns classifies the tables of the notice capability (see TableColumns).
var noticeColumns = []TableColumns{
	{Table: "notices", Keep: KeepHalfYear, Columns: map[Class][]string{
		Internal: {
			"id", "cause", "kind", "lane", "destination", "destination_id", "scope", "object", "object_id", "happened_at", "expires_at",
			"created_at", "replaced_at", "superseded_at",
		},
		Sensitive: {"person_id", "about_id", "params"},
	}},
	{Table: "notice_secrets", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"notice_id", "expires_at"}, Core: {"code_sealed"},
	}},
	{Table: "deliveries", Keep: KeepHalfYear, Columns: map[Class][]string{
		Internal: {
			"id", "notice_id", "channel", "account_id", "fallback", "lane", "repeatable", "expires_at", "created_at", "state", "due_at",
			"attempt", "losses", "lease_ends", "reason", "vendor", "vendor_id", "submitted_at", "settled_at", "campaign_id",
		},
	}},
	{Table: "campaigns", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {
			"id", "kind", "by_date", "district", "township", "card", "listed", "per_minute", "start_at", "state", "gathered", "after_person", "planned",
			"queued", "skipped", "next_due", "created_by", "created_at", "approved_by", "approved_at", "end_reason", "closed_at",
		},
		Sensitive: {"note_sealed"},
	}},
	{Table: "restores", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "lost_until", "evidence", "basis", "noted_at", "decision", "words", "decided_at"},
	}},
	{Table: "notice_cleanings", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"topic", "stage", "after_id"},
	}},
	{Table: "message_hours", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"hour", "counted_at"},
	}},
	{Table: "message_figures", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"hour", "channel", "lane", "state", "reason", "count"},
	}},
	{Table: "campaign_people", Keep: KeepHalfYear, Columns: map[Class][]string{
		Internal: {"campaign_id"}, Sensitive: {"person_id"},
	}},
	{Table: "delivery_receipts", Keep: KeepHalfYear, Columns: map[Class][]string{
		Internal: {"delivery_id", "vendor", "vendor_id", "delivered", "code", "reported_at", "received_at"},
	}},
	{Table: "early_receipts", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"vendor", "vendor_id", "delivered", "code", "reported_at", "received_at"},
	}},
	{Table: "notice_subscriptions", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {"account_id", "topic", "always", "once_left", "off_reason", "changed_at"},
	}},
	{Table: "notice_preferences", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {"about_id", "topic", "channel", "wanted", "changed_at"}, Sensitive: {"person_id"},
	}},
	{Table: "sms_stops", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "key_version", "reason", "active", "vendor", "since", "strikes", "struck_on"}, Core: {"phone_index"},
	}},
	{Table: "sms_vendor_changes", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {
			"id", "follows", "from_vendor", "to_vendor", "home_vendor", "reason", "failed", "calls", "basis", "set_by", "changed_at",
		},
	}},
	{Table: "template_filings", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {
			"id", "vendor", "template", "version", "code", "body", "variables", "state", "reason", "set_by", "filed_at", "changed_at",
		},
	}},
	{Table: "message_costs", Keep: KeepAlways, Columns: map[Class][]string{
		Internal: {"day", "channel", "vendor", "programme", "department", "kind", "messages", "parts", "cost_milli"},
	}},
	{Table: "message_alarms", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"span", "code", "about", "given_at"},
	}},
}
