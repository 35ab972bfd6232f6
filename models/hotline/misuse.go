package hotline

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/flow"
)

// MisuseState is where a report of misuse stands.
type MisuseState string

// MisuseEvent moves a report.
type MisuseEvent string

// The states and events of a report. None ends without an answer: the reporter reads it.
const (
	MisuseReceived MisuseState = "received"
	MisuseAnswered MisuseState = "answered"
	MisuseClosed   MisuseState = "closed"

	MisuseAnswer MisuseEvent = "answer"
	MisuseClose  MisuseEvent = "close"
)

// MisuseFlow is the life of a report (R68).
var MisuseFlow = flow.New("misuse_report", MisuseReceived,
	flow.Edge[MisuseState, MisuseEvent]{From: MisuseReceived, On: MisuseAnswer, To: MisuseAnswered},
	flow.Edge[MisuseState, MisuseEvent]{From: MisuseAnswered, On: MisuseClose, To: MisuseClosed},
)

// MisuseKinds are what may be reported: a card held by another, money cut, money wrong, a false claim, other.
var MisuseKinds = []string{"held_card", "cut_money", "wrong_money", "false_claim", "other"}

// MisuseReport is one confidential report (R68). Who made it is shown to nobody but herself.
type MisuseReport struct {
	ID         models.ID
	Number     string
	CodeHash   []byte // of the secret that lets whoever has it read the answer
	Kind       string
	Department string // the one reported; none of its staff ever meets the report
	Programme  string // empty where its code alone would name it (R55)
	District   string
	Text       string    // sealed in the store; empty in lists
	Contact    string    // sealed; where the reporter wants to be asked
	PersonID   models.ID // of a reporter who was logged in
	State      MisuseState
	Answer     string // sealed
	AnsweredBy models.ID
	OpenedAt   time.Time
	DueAt      time.Time
	AnsweredAt time.Time
	ClosedAt   time.Time
	Version    int
}

// Overdue reports whether the report should have been answered by now.
func (r MisuseReport) Overdue(now time.Time) bool {
	return r.State == MisuseReceived && now.After(r.DueAt)
}

// MisuseInput is what somebody reports.
type MisuseInput struct {
	Arrival    string // of a report about one's own payment: fills programme, department and district where they are empty
	Kind       string
	Department string
	Programme  string
	District   string
	Text       string
	Contact    string
}

// MisuseTaken is what the reporter gets. The code is shown once and is kept by nobody; a repeat of the request brings
// the number alone.
type MisuseTaken struct {
	Report MisuseReport
	Code   string
}

// MisuseStore keeps reports; text, contact and answer are sealed in it.
type MisuseStore interface {
	AddMisuse(ctx context.Context, r MisuseReport) error
	NextNumber(ctx context.Context, name string, day models.Date) (int64, error)
	// MisuseByID reads a report that is not against the reader's department; models.ErrNotFound.
	MisuseByID(ctx context.Context, id models.ID, reader string) (MisuseReport, error)
	// MisuseIn lists reports of a state that are not against the reader's department, oldest first, without their text.
	MisuseIn(ctx context.Context, state MisuseState, reader string, p Page) ([]MisuseReport, error)
	// UpdateMisuse writes state and answer where the row has state from, r.Version and is not against the reader's
	// department; models.ErrConflict.
	UpdateMisuse(ctx context.Context, r MisuseReport, from MisuseState, reader string) error
	MisuseOf(ctx context.Context, person models.ID, p Page) ([]MisuseReport, error)
	// MisuseCode is the hash of a report's code and its id; models.ErrNotFound. Nothing is unsealed before the code fits.
	MisuseCode(ctx context.Context, number string) (hash []byte, id models.ID, err error)
	// TakeOverdueMisuse lists reports that became overdue and marks them, so that each is told of once.
	TakeOverdueMisuse(ctx context.Context, now time.Time, limit int) ([]MisuseReport, error)
}

// MisuseSubjects knows programmes, who runs them, and payments.
type MisuseSubjects interface {
	// Departments are those of the catalogue, as each names it.
	Departments(ctx context.Context) ([]string, error)
	// ReportedProgramme is the code as it may be written down, empty for a High one; false for an unknown one.
	ReportedProgramme(ctx context.Context, code string) (string, bool, error)
	// ReportedPayment is what a payment of the actor's own tells: programme, department, district.
	ReportedPayment(ctx context.Context, by models.Actor, arrival string) (programme, department, district string, err error)
}

// MisusePolicy reads how long a report may wait for its answer.
type MisusePolicy interface {
	Workdays
	AnswerDays(ctx context.Context, at time.Time) (int, error)
}

// Refusals of reports.
var (
	ErrMisuseNotFound = models.NewError(models.NotFound, "REPORT_NOT_FOUND", "没有找到这条反映,编号或查询码不正确。请核对后重试,或拨打12333。")
	errMisuseKind     = models.FieldError{Field: "kind", Code: "ENUM", Message: "请选择反映的问题类型。"}
	errMisuseDept     = models.FieldError{Field: "department", Code: "UNKNOWN", Message: "请从列表中选择被反映的部门。"}
	errMisuseItem     = models.FieldError{Field: "programme", Code: "UNKNOWN", Message: "没有这个补贴项目,请重新选择,或不选。"}
	errMisuseDistrict = models.FieldError{Field: "district", Code: "FORMAT", Message: "请选择所在区县,或不选。"}
	errMisuseText     = models.FieldError{Field: "text", Code: "LENGTH", Message: "请写明情况,10至2000字。"}
	errMisuseContact  = models.FieldError{Field: "contact", Code: "LENGTH", Message: "联系方式最多100字。"}
)

// departmentsIn parts a catalogue's entry that names several departments, and leaves out what it says of one in brackets.
func departmentsIn(entry string) []string {
	var out []string
	for name := range strings.FieldsFuncSeq(entry, func(r rune) bool { return strings.ContainsRune("、/+,\uFF0C", r) }) {
		if i := strings.IndexAny(name, "(\uFF08"); i >= 0 {
			name = name[:i]
		}
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// FirstDepartment is the one that answers for a catalogue's entry: the first it names.
func FirstDepartment(entry string) string {
	if all := departmentsIn(entry); len(all) > 0 {
		return all[0]
	}
	return ""
}

// splitDepartments are the departments of several entries, each once.
func splitDepartments(entries []string) []string {
	var out []string
	for _, entry := range entries {
		out = append(out, departmentsIn(entry)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checked fills and checks a report; every wrong field comes at once (R69).
func (in MisuseInput) checked(departments []string) (MisuseInput, []models.FieldError) {
	in.Text, in.Contact = strings.TrimSpace(in.Text), strings.TrimSpace(in.Contact)
	var wrong []models.FieldError
	refuse := func(bad bool, f models.FieldError) {
		if bad {
			wrong = append(wrong, f)
		}
	}
	n := utf8.RuneCountInString(in.Text)
	refuse(!slices.Contains(MisuseKinds, in.Kind), errMisuseKind)
	refuse(!slices.Contains(departments, in.Department), errMisuseDept)
	refuse(in.District != "" && (len(in.District) != 6 || strings.Trim(in.District, "0123456789") != ""), errMisuseDistrict)
	refuse(n < 10 || n > 2000, errMisuseText)
	refuse(utf8.RuneCountInString(in.Contact) > 100, errMisuseContact)
	return in, wrong
}

const misuseAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // no letter that looks like a figure

// newMisuseCode draws 80 bits: nobody guesses one, whatever limit he gets around.
func newMisuseCode() (code string, hash []byte) {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = misuseAlphabet[b[i]%32]
	}
	code = string(b)
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:], hashMisuseCode(code)
}

var misuseCodeReader = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "")

// hashMisuseCode reads a code as people type it. It needs no salt and no cost: the code is random.
func hashMisuseCode(code string) []byte {
	sum := sha256.Sum256([]byte(misuseCodeReader.Replace(strings.ToUpper(strings.TrimSpace(code)))))
	return sum[:]
}
