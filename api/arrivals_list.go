package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// ArrivalLists are the use cases of a person's list, ready or read.
type ArrivalLists interface {
	Arrivals(ctx context.Context, by models.Actor, q subsidy.ListQuery) (subsidy.Arrivals, error)
	// MayListArrivals says whether the actor may see her list now; it is asked for every ready answer too.
	MayListArrivals(ctx context.Context, by models.Actor) error
	// GroundOfList is what every list stands on beside the person's payments; it normally costs nothing.
	GroundOfList(ctx context.Context) (subsidy.ListGround, error)
}

const listArrivalsID = "listArrivals"

func (s *server) registerArrivalList() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals", ID: listArrivalsID, Summary: "Payments to one's own card, of late or of one year (到账, R3)",
		Act: models.ActArrivals, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrYear, subsidy.ErrProgrammeNotFound},
	}, s.listArrivals)
}

type listArrivalsInput struct {
	Page
	Year      int    `query:"year" doc:"Ledger year; without it the recent view: this ledger month and the one before it"`
	Programme string `query:"programme" maxLength:"32" doc:"Code of one programme; one whose name needs a fresh check needs it here too"`
	State     string `query:"state" enum:"planned,publicised,approved,sent,credited,returned,reissued,recovering,recovered,processing" doc:"Only payments in this state"`
}

type listArrivalsOutput struct {
	ETag string `header:"ETag"`
	Body listArrivalsOutputBody
}

// listArrivalsOutputBody is the answer. as_of stays last: a ready answer is kept without it and gets the present one.
type listArrivalsOutputBody struct {
	List[arrivalReply]
	Year      int        `json:"year,omitempty" doc:"Left out in the recent view"`
	FromMonth string     `json:"from_month" doc:"The first ledger month looked at"`
	ToMonth   string     `json:"to_month" doc:"The last one"`
	Note      string     `json:"note,omitempty" doc:"On the first page: why payments are missing, in plain words"`
	Cause     string     `json:"cause,omitempty" doc:"PAID_BY_OLD_CHANNEL: what came before the card is not shown (R13)"`
	AsOf      *time.Time `json:"as_of,omitempty"`
}

func (s *server) listArrivals(ctx context.Context, in *listArrivalsInput) (*listArrivalsOutput, error) {
	q := subsidy.ListQuery{Year: in.Year, Programme: in.Programme, State: subsidy.State(in.State), Limit: in.Limit}
	place, err := s.place(ctx, listFilter(q), in.Cursor)
	if err != nil {
		return nil, err
	}
	month, id, _ := strings.Cut(place, "|")
	if q.After, _ = subsidy.ParseKey(id); q.Year == 0 {
		q.To = month
	}
	page, err := s.readList(ctx, actorFrom(ctx), q)
	if err != nil {
		return nil, err
	}
	out := &listArrivalsOutput{Body: s.listBody(ctx, q, page)}
	raw, err := rawJSON(out.Body)
	if err != nil {
		return nil, err
	}
	out.ETag, out.Body.AsOf = s.etagOf(raw), instantOrNone(page.AsOf)
	return out, nil
}

// listFilter binds a cursor to what was asked for.
func listFilter(q subsidy.ListQuery) string {
	return strings.Join([]string{strconv.Itoa(q.Year), q.Programme, string(q.State)}, "|")
}

// listBody is the answer without as_of: what it is kept as, and what its ETag names.
func (s *server) listBody(ctx context.Context, q subsidy.ListQuery, page subsidy.Arrivals) listArrivalsOutputBody {
	items, next := make([]arrivalReply, len(page.Items)), ""
	for i, a := range page.Items {
		items[i] = newArrivalReply(a)
	}
	if page.More {
		next = s.cursor(ctx, listFilter(q), page.To+"|"+items[len(items)-1].ArrivalID)
	}
	return listArrivalsOutputBody{
		List: listOf(items, next), Year: page.Year, FromMonth: page.From, ToMonth: page.To, Note: page.Note, Cause: page.Cause,
	}
}

// rawJSON writes a body as huma does, without the line's end.
func rawJSON(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// asOfRoom is how much longer withAsOf may make a body.
const asOfRoom = 48

// withAsOf puts as_of behind the other fields of a body, which is the caller's own: it is written into.
func withAsOf(raw []byte, asOf time.Time) []byte {
	out := raw[:len(raw)-1]
	if !asOf.IsZero() {
		out = append(out, `,"as_of":"`...)
		out = asOf.AppendFormat(out, time.RFC3339Nano)
		out = append(out, '"')
	}
	return append(out, '}', '\n')
}

// slotWait is how long a read waits for one of the database slots before it asks to come back.
const slotWait = 5 * time.Second

// readList reads one page in one of the slots that lists may take of the database, so that a rush for lists leaves
// connections to those who report a loss.
func (s *server) readList(ctx context.Context, by models.Actor, q subsidy.ListQuery) (subsidy.Arrivals, error) {
	select {
	case s.slots <- struct{}{}:
	default:
		t := time.NewTimer(slotWait)
		defer t.Stop()
		select {
		case s.slots <- struct{}{}:
		case <-t.C:
			return subsidy.Arrivals{}, models.ErrUnavailable.After(time.Second)
		case <-ctx.Done():
			return subsidy.Arrivals{}, ctx.Err()
		}
	}
	defer func() { <-s.slots }()
	return s.Subsidies.Arrivals(ctx, by, q)
}
