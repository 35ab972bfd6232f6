package store

// feeColumns classifies the tables of the payment capability (see TableColumns).
var feeColumns = []TableColumns{
	{Table: "fee_orders", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"id", "number", "cause", "subject_id", "version", "trade_id", "payer_id", "updated_at"},
		Public:    {"basis", "item"},
		Sensitive: {"amount_fen", "state", "why", "opened_at", "paid_at", "ended_at"},
	}},
	{Table: "fee_trades", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "order_id", "provider", "number", "app_id", "merchant_id", "payer_id", "account_id", "channel", "version", "ref",
			"transaction_id", "expires_at", "created_at", "due_at", "attempt", "updated_at"},
		Public:    {"item"},
		Sensitive: {"amount_fen", "state", "paid_fen", "paid_at"},
	}},
	{Table: "fee_refunds", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"billed_on", "id", "number", "trade_id", "order_id", "version", "provider_ref", "due_at", "attempt", "alarmed_at", "updated_at"},
		Sensitive: {"amount_fen", "reason", "state", "stage", "requested_at", "done_at"},
	}},
	{Table: "fee_receipts", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"trade_id", "order_id", "version", "alarmed_at", "opened_at", "due_at", "attempt", "updated_at"},
		Sensitive: {"code", "number", "check_code", "url", "state", "issued_at"},
	}},
	{Table: "fee_bills", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"provider", "day", "lines", "differences", "compared_at"},
	}},
	{Table: "fee_notices", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"provider", "id", "outcome", "taken_at"},
	}},
}
