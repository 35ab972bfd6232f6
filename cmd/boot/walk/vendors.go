package walk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The vendors by the names that the operator's command has for them, and what the desk calls their faults.
var vendorFaults = map[string]string{"aliyun": "sms", "tencent": "sms_tencent"}

const (
	slowVendorMS  = 1400 // slower than a demo's vendor may be, and well before anybody gives up
	textsAtOnce   = 2    // of a round: a slow vendor is found by two calls
	vendorNoMoney = "FailedOperation.InsufficientBalanceInSmsPackage"
	firstTextFen  = 31_013
	theFirst      = "aliyun"
	theSecond     = "tencent"
)

// carried are the payments that were credited to see who carries their texts.
type carried struct{ sums []string }

// vendorSlow makes the vendor at home slow: its texts arrive late, none is lost, and the other one is asked first.
func (w *Walker) vendorSlow(ctx context.Context) (string, error) {
	first, _, err := w.askedFirst(ctx)
	if err == nil && first != theFirst { // a machine with no time to spare was taken for a slow vendor
		_, err = w.untilPreferred(ctx, theFirst, "")
	}
	if err != nil {
		return "", err
	}
	if err := w.vendorFault(ctx, theFirst, map[string]any{"fault": "delay", "delay_ms": slowVendorMS}); err != nil {
		return "", err
	}
	return w.untilPreferred(ctx, theSecond, "slow")
}

// vendorBack mends it: a probe finds out, and it is asked first again.
func (w *Walker) vendorBack(ctx context.Context) (string, error) {
	if err := w.vendorFault(ctx, theFirst, map[string]any{"fault": "none"}); err != nil {
		return "", err
	}
	return w.untilPreferred(ctx, theFirst, "probe_ok")
}

// vendorFailing has the operator prefer the second vendor, which then refuses everything: the first carries it in the same call.
func (w *Walker) vendorFailing(ctx context.Context) (string, error) {
	said, err := w.Operator(ctx, "sms", "vendor", theSecond, "--reason", "demo of a vendor that fails")
	if err != nil {
		return "", err
	}
	if err := w.vendorFault(ctx, theSecond, map[string]any{"fault": "refuse", "code": vendorNoMoney}); err != nil {
		return "", err
	}
	seen, err := w.untilPreferred(ctx, theFirst, "errors")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(said) + ", and has no money left; " + seen, w.vendorFault(ctx, theSecond, map[string]any{"fault": "none"})
}

func (w *Walker) vendorFault(ctx context.Context, vendor string, order map[string]any) error {
	order["target"], order["op"] = vendorFaults[vendor], "SendSms"
	r, err := w.desk.post(ctx, "/desk/faults", order)
	return want(r, err, http.StatusOK)
}

// untilPreferred has texts sent until the operator's command says that a vendor is asked first, and why (any reason, where it
// is empty). Every text must have arrived once. It gives both.
func (w *Walker) untilPreferred(ctx context.Context, vendor, reason string) (seen string, err error) {
	err = w.eventually(ctx, func() error {
		if err := w.creditTexts(ctx); err != nil {
			return err
		}
		told, err := w.toldOnce(ctx)
		if err != nil {
			return err
		}
		first, why, err := w.askedFirst(ctx)
		if err != nil {
			return err
		}
		if first != vendor || reason != "" && !slices.Contains(why, reason) {
			return fmt.Errorf("asked first: %s, wanted %s", first, vendor)
		}
		seen = told + ", each once; asked first: " + vendor + "; " + strings.Join(why, " ")
		return nil
	})
	return seen, err
}

// askedFirst is what the operator's command says: who is asked first, and the words of the newest change.
func (w *Walker) askedFirst(ctx context.Context) (vendor string, why []string, err error) {
	out, err := w.Operator(ctx, "sms", "vendor")
	if err != nil {
		return "", nil, err
	}
	first, list, _ := strings.Cut(out, "\n")
	newest, _, _ := strings.Cut(list, "\n")
	vendor, _, _ = strings.Cut(strings.TrimPrefix(first, "asked first: "), " ")
	words := strings.Fields(newest)
	return vendor, words[min(2, len(words)):], nil // behind day and time
}

// creditTexts has the bank credit some payments, each of a sum that no other has.
func (w *Walker) creditTexts(ctx context.Context) error {
	for range textsAtOnce {
		fen := firstTextFen + 101*len(w.texts.sums)
		if _, err := w.happens(ctx, map[string]any{"kind": "credit", "citizen": "wang", "programme": "28", "amount_fen": fen}); err != nil {
			return err
		}
		w.texts.sums = append(w.texts.sums, yuan(float64(fen))+"元")
	}
	return nil
}

// told counts the credited payments that have been told, and the texts by vendor. Two of one payment are an error.
func (w *Walker) told(ctx context.Context) (arrived int, by map[string]int, err error) {
	r, err := w.desk.get(ctx, "/desk/messages?citizen=wang")
	if err := want(r, err, http.StatusOK); err != nil {
		return 0, nil, err
	}
	by = map[string]int{}
	for _, sum := range w.texts.sums {
		n := 0
		for i := range r.list("messages") {
			if strings.Contains(r.text("messages", i, "text"), sum) {
				by[r.text("messages", i, "vendor")]++
				n++
			}
		}
		if n > 1 {
			return 0, nil, fmt.Errorf("one payment was told %d times", n)
		}
		arrived += n
	}
	return arrived, by, nil
}

// toldOnce waits until every credited payment has been told, and says by whom.
func (w *Walker) toldOnce(ctx context.Context) (seen string, err error) {
	err = w.eventually(ctx, func() error {
		arrived, by, err := w.told(ctx)
		if err == nil && arrived < len(w.texts.sums) {
			err = fmt.Errorf("%d of %d payments were told", arrived, len(w.texts.sums))
		}
		seen = fmt.Sprintf("%d texts (%s %d, %s %d)", arrived, theFirst, by[theFirst], theSecond, by[theSecond])
		return err
	})
	return seen, err
}
