package subsidy

// Finding is one row of a batch's report: a line that is held, parked or worth a look, or, with line 0, the batch itself.
type Finding struct {
	Batch string
	Line  int
	Code  string
}

// TakeOptions say how a batch is taken.
type TakeOptions struct {
	DryRun   bool                // read, resolve, weigh and check everything; write nothing
	Progress func(Progress)      // called every few thousand lines and once at the end of each step; may be nil
	Report   func(Finding) error // every finding in line order, before anything is stored; may be nil
}

// Progress is how far a batch has come.
type Progress struct {
	Step  string // reading | storing
	Lines int
	Of    int // as announced
}

// Taken is what became of a batch.
type Taken struct {
	State    string // a BatchState
	Reason   string // why it is held
	Lines    int
	TotalFen int64
	Held     int  // lines stored with a hold
	Parked   int  // lines whose payee we do not know
	Again    bool // it had been taken before with these very lines: nothing happened
}
