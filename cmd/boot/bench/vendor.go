package bench

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// vendor is a pretend SMS carrier that does nothing but count: it speaks as much of Aliyun's interface as the product's
// adapter calls, answers after a set delay, and refuses what goes beyond a set cap.
type vendor struct {
	mu      sync.Mutex
	delay   time.Duration
	cap     int                  // messages a second; 0: none
	second  int64                // the present one
	within  int                  // taken in it
	taken   map[string]int       // by our id: how often
	at      map[string]time.Time // by our id, of texts under the watched template
	byPhone map[string][]string  // our ids, in the order of their coming
	refused int
	watched string // template
	first   time.Time
	last    time.Time
}

// vendorState is what the carrier tells of itself.
type vendorState struct {
	Taken    int              `json:"taken"`    // messages, repeats included
	Distinct int              `json:"distinct"` // ids
	Refused  int              `json:"refused"`
	FirstNs  int64            `json:"first_ns"` // when the first came, Unix time in nanoseconds
	SpanNs   int64            `json:"span_ns"`  // from the first to the last
	At       map[string]int64 `json:"at"`       // of watched texts, by id, Unix time in nanoseconds
}

func newVendor() *vendor {
	v := &vendor{watched: os.Getenv("ONECARD_BENCH_WATCHED")}
	v.delay, _ = time.ParseDuration(os.Getenv("ONECARD_BENCH_DELAY"))
	v.cap, _ = strconv.Atoi(os.Getenv("ONECARD_BENCH_CAP"))
	v.forget()
	return v
}

func (v *vendor) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.taken, v.at, v.byPhone = map[string]int{}, map[string]time.Time{}, map[string][]string{}
	v.refused, v.first, v.last = 0, time.Time{}, time.Time{}
}

func (v *vendor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v.state()) })
	mux.HandleFunc("DELETE /state", func(http.ResponseWriter, *http.Request) { v.forget() })
	mux.HandleFunc("POST /", v.answer)
	return mux
}

func (v *vendor) state() vendorState {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := vendorState{Distinct: len(v.taken), Refused: v.refused, FirstNs: v.first.UnixNano(), SpanNs: v.last.Sub(v.first).Nanoseconds(), At: map[string]int64{}}
	for _, n := range v.taken {
		s.Taken += n
	}
	for id, at := range v.at {
		s.At[id] = at.UnixNano()
	}
	return s
}

func (v *vendor) answer(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	q := r.URL.Query()
	w.Header().Set("Content-Type", "application/json")
	switch action := r.Header.Get("x-acs-action") + q.Get("Action"); action {
	case "SendSms":
		body, status := v.take(q.Get("OutId"), q.Get("PhoneNumbers"), q.Get("TemplateCode"), began)
		if v.delay > 0 {
			<-time.After(time.Until(began.Add(v.delay)))
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	case "QuerySendDetails":
		_ = json.NewEncoder(w).Encode(v.details(q.Get("PhoneNumber"), q.Get("CurrentPage"), q.Get("PageSize")))
	default:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"Code":"InvalidAction.NotFound"}`))
	}
}

func (v *vendor) take(id, phone, template string, now time.Time) (body string, status int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if second := now.Unix(); v.second != second {
		v.second, v.within = second, 0
	}
	if v.cap > 0 && v.within >= v.cap {
		v.refused++
		return `{"Code":"Throttling.User"}`, http.StatusBadRequest
	}
	v.within++
	if v.first.IsZero() {
		v.first = now
	}
	v.last = now
	v.taken[id]++
	v.byPhone[phone] = append(v.byPhone[phone], id)
	if template == v.watched && template != "" {
		v.at[id] = now
	}
	return `{"RequestId":"R","Code":"OK","Message":"OK","BizId":"` + strconv.Itoa(len(v.taken)) + `^0"}`, http.StatusOK
}

// details lists what went to a number, as the carrier's enquiry does: page by page, each with our id.
func (v *vendor) details(phone, page, size string) any {
	v.mu.Lock()
	defer v.mu.Unlock()
	p, _ := strconv.Atoi(page)
	n, _ := strconv.Atoi(size)
	ids := v.byPhone[phone]
	from := min(max(p-1, 0)*n, len(ids))
	list := []map[string]any{}
	for _, id := range ids[from:min(from+n, len(ids))] {
		list = append(list, map[string]any{"OutId": id, "SendStatus": 1})
	}
	return map[string]any{"Code": "OK", "Message": "OK", "TotalCount": strconv.Itoa(len(ids)), "SmsSendDetailDTOs": map[string]any{"SmsSendDetailDTO": list}}
}
