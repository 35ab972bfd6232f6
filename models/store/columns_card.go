package store

// cardColumns classifies the tables of the card capability (see TableColumns).
var cardColumns = []TableColumns{
	{Table: "cards", Keep: KeepMirror, Columns: map[Class][]string{
		Internal:  {"id", "ref", "person_id", "area", "version", "answered_version", "next_seq", "changed_at", "received_at"},
		Sensitive: {"number_mask", "account_tail", "bank_code", "outlet_ref", "social", "financial", "holding"},
	}},
	{Table: "loss_reports", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "receipt", "person_id", "card_id", "version", "call_id", "registry_ref", "waiting_since", "alarmed_at", "reassert_at", "lost_sight_at",
			"warned_on", "updated_at", "read_back"},
		Sensitive: {"state", "source", "reported_by", "reporter_id", "strength", "speaker", "holder_reached", "kind", "refused_code", "ended_by", "reported_at", "effective_at",
			"ended_at", "expires_at"},
	}},
	{Table: "card_commands", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "kind", "person_id", "person_ref", "card_id", "card_ref", "subject_id", "card_seq", "loss_kind", "channel", "state",
			"attempt", "not_after", "lease_ends", "due_at", "created_at", "settled_at", "reference", "code"},
	}},
	{Table: "uploads", Keep: KeepDays, Columns: map[Class][]string{
		Internal:  {"id", "person_id", "purpose", "media_type", "width", "height", "bytes", "object_key", "created_at", "used_by"},
		Sensitive: {"digest"},
	}},
	{Table: "applications", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "receipt", "person_id", "applicant_id", "version", "uploads", "registry_ref", "fact_version", "corrections", "late_defects", "reminders",
			"created_at", "updated_at", "archived_at", "archive_basis", "pictures_dropped_at"},
		Sensitive: {"state", "bank_code", "outlet_ref", "reason_code"},
		Core:      {"return_sealed"},
	}},
	{Table: "application_drafts", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"id", "person_id", "version", "photo_id", "id_front_id", "id_back_id", "created_at", "updated_at"}, Core: {"form_sealed"},
	}},
	{Table: "replacements", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "receipt", "person_id", "applicant_id", "card_id", "version", "channel", "loss_id", "registry_ref", "fact_version", "pay_by", "reminders",
			"activations", "payments_seen_at", "created_at", "updated_at", "completed_at", "photo_id", "id_front_id", "id_back_id", "corrected", "corrections", "late_defects",
			"archived_at", "archive_basis", "pictures_dropped_at"},
		Sensitive: {"reason", "state", "bank_code", "outlet_ref", "reason_code", "defects"},
	}},
	{Table: "replacement_steps", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "replacement_id"}, Sensitive: {"state", "at"},
	}},
	{Table: "application_steps", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "application_id"}, Sensitive: {"state", "at"},
	}},
}
