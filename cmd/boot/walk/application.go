package walk

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"onecard/models/card/phototest"
)

func (w *Walker) submitApplication(ctx context.Context) (string, error) {
	photo := phototest.Good(900, 1200).JPEG()
	early, err := w.li.send(ctx, http.MethodPost, "/v1/uploads?purpose=id_front", "image/jpeg", photo)
	if err := want(early, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("an ID image without consent: %w", err)
	}
	r, err := w.apply(ctx, w.li, "410305", photo)
	if err != nil {
		return "", err
	}
	w.applicationID = r.text("application_id")
	return fmt.Sprintf("number %s, free of charge, %s; an ID image without consent: %s", r.text("receipt"), r.text("state"), early), nil
}

// apply agrees, uploads and submits a first application for whoever c is, or acts for.
func (w *Walker) apply(ctx context.Context, c *citizen, district string, photo []byte) (r reply, err error) {
	for _, purpose := range []string{"id_images", "bank_data"} {
		if err := w.consent(ctx, c, purpose); err != nil {
			return r, err
		}
	}
	uploads := map[string]string{}
	for _, purpose := range []string{"id_front", "id_back", "photo"} {
		up, err := c.send(ctx, http.MethodPost, "/v1/uploads?purpose="+purpose, "image/jpeg", photo)
		if err := want(up, err, http.StatusCreated); err != nil {
			return r, fmt.Errorf("%s: %w", purpose, err)
		}
		uploads[purpose] = up.text("upload_id")
	}
	banks, err := c.get(ctx, "/v1/policies/banks?district="+district)
	if err := want(banks, err, http.StatusOK); err != nil {
		return r, err
	}
	outlets, err := c.get(ctx, "/v1/outlets?district="+district)
	if err := want(outlets, err, http.StatusOK); err != nil {
		return r, err
	}
	err = w.eventually(ctx, func() error { // another replica may hear of a bank a moment after this one
		r, err = c.post(ctx, "/v1/applications", map[string]any{
			"bank_code": banks.text("card_service", 0, "code"), "outlet_ref": outlets.text("items", 0, "ref"), "uploads": uploads,
		})
		return want(r, err, http.StatusCreated)
	})
	return r, err
}

func (w *Walker) followApplication(ctx context.Context) (string, error) {
	state := func(wanted string) error {
		return w.eventually(ctx, func() error {
			r, err := w.li.get(ctx, "/v1/applications/"+w.applicationID)
			if err := want(r, err, http.StatusOK); err != nil {
				return err
			}
			if r.text("state") != wanted {
				return fmt.Errorf("the application is %s, wanted %s", r.text("state"), wanted)
			}
			return nil
		})
	}
	seen := []string{}
	if err := state("accepted"); err != nil {
		return "", err
	}
	for _, stage := range []string{"bank_opening", "producing", "at_outlet"} {
		r, err := w.desk.post(ctx, "/desk/events", map[string]any{"kind": "produce", "citizen": "li", "stage": stage})
		if err := want(r, err, http.StatusOK); err != nil {
			return "", err
		}
		if err := state(stage); err != nil {
			return "", err
		}
		seen = append(seen, stage)
	}
	sms, err := w.message(ctx, "li", "已到", "领取")
	return "accepted, " + strings.Join(seen, ", ") + "; " + sms, err
}
