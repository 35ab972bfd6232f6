package walk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"onecard/models/card/phototest"
)

// on is a citizen who does something for another, by the relation between them.
func (c *citizen) on(relation string) *citizen {
	other, session := *c, *c.client
	session.relation = relation
	other.client = &session
	return &other
}

// faceLogIn is a session in WeChat's mini-program, bound by a real-person check that was passed just now.
func (w *Walker) faceLogIn(ctx context.Context, key string) (*citizen, error) {
	c, _, err := w.miniLogIn(ctx, "wechat_mini", key)
	if err != nil {
		return nil, err
	}
	for _, purpose := range []string{"privacy_notice", "face"} {
		if err := w.consent(ctx, c, purpose); err != nil {
			return nil, err
		}
	}
	_, err = w.check(ctx, c, "/v1/me/binding/checks", map[string]string{"name": c.name, "id_number": c.idNumber})
	return c, err
}

// guardianProved: the registry's household names the mother, so she may act for her child at once; a stranger may not.
func (w *Walker) guardianProved(ctx context.Context) (string, error) {
	// The city's named child grows up with the calendar; one of nine is entered at the registry.
	born := w.Now().AddDate(-9, 0, -100).Format(time.DateOnly)
	const name = "智小满"
	entered, err := w.happens(ctx, map[string]any{"kind": "child", "citizen": "chen", "name": name, "born": born})
	if err != nil {
		return "", err
	}
	mother, err := w.faceLogIn(ctx, "chen")
	if err != nil {
		return "", err
	}
	said := map[string]string{"name": name, "id_number": entered.text("id_number")}
	proved, err := mother.post(ctx, "/v1/dependants", said)
	if err := want(proved, err, http.StatusCreated); err != nil {
		return "", err
	}
	list, err := mother.get(ctx, "/v1/dependants")
	if err := want(list, err, http.StatusOK); err != nil {
		return "", err
	}
	if w.neighbour, err = w.faceLogIn(ctx, "zhao"); err != nil {
		return "", err
	}
	stranger, err := w.neighbour.post(ctx, "/v1/dependants", said)
	if err := want(stranger, err, http.StatusUnprocessableEntity); err != nil {
		return "", fmt.Errorf("somebody else's child: %w", err)
	}
	if list.text("items", 0, "proof") != "registry" || list.text("items", 0, "told", 0, "who") != "guardian" {
		return "", fmt.Errorf("it is proved by %s and told to %s", list.text("items", 0, "proof"), list.text("items", 0, "told", 0, "who"))
	}
	w.mother = mother.on(proved.text("relation_id"))
	return fmt.Sprintf("guardian of a child of %.0f, proved by the %s; told of progress: %s at %s; another's child: %s", list.at("items", 0, "age"),
		list.text("items", 0, "proof"), list.text("items", 0, "told", 0, "who"), list.text("items", 0, "told", 0, "phone"), stranger), nil
}

// guardianApplies: the child's first application, on the consent that the guardian gives for it.
func (w *Walker) guardianApplies(ctx context.Context) (string, error) {
	photo := phototest.Good(900, 1200).JPEG()
	early, err := w.mother.send(ctx, http.MethodPost, "/v1/uploads?purpose=photo", "image/jpeg", photo)
	if err := want(early, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("the child's photo without consent: %w", err)
	}
	r, err := w.apply(ctx, w.mother, "410327", photo)
	if err != nil {
		return "", err
	}
	err = w.eventually(ctx, func() error {
		now, err := w.mother.get(ctx, "/v1/applications/"+r.text("application_id"))
		if err := want(now, err, http.StatusOK); err != nil || now.text("state") != "accepted" {
			return fmt.Errorf("the child's application is %s: %w", now.text("state"), err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	own, err := w.mother.on("").get(ctx, "/v1/applications/"+r.text("application_id"))
	if err := want(own, err, http.StatusNotFound); err != nil {
		return "", fmt.Errorf("the child's application as the mother's own: %w", err)
	}
	sms, err := w.message(ctx, w.mother.key, "您监护的孩子", "申领已受理")
	return fmt.Sprintf("number %s, free of charge, accepted; without the guardian's consent: %s; as her own: %s; %s", r.text("receipt"), early, own, sms), err
}

// helperNamed: an old man, checked a moment ago, names a younger relative, who accepts on his own phone.
func (w *Walker) helperNamed(ctx context.Context) (string, error) {
	holder, err := w.faceLogIn(ctx, "zhang")
	if err != nil {
		return "", err
	}
	w.zhang = holder
	named, err := holder.post(ctx, "/v1/helpers", map[string]string{"name": w.neighbour.name, "id_number": w.neighbour.idNumber})
	if err := want(named, err, http.StatusCreated); err != nil {
		return "", err
	}
	helper := w.neighbour.on(named.text("relation_id"))
	early, err := helper.get(ctx, "/v1/cards")
	if err := want(early, err, http.StatusConflict); err != nil {
		return "", fmt.Errorf("before he accepted: %w", err)
	}
	accepted, err := w.neighbour.post(ctx, "/v1/helpers/"+named.text("relation_id")+"/acceptance", nil)
	if err := want(accepted, err, http.StatusOK); err != nil || accepted.text("state") != "active" {
		return "", fmt.Errorf("the acceptance is %s: %w", accepted.text("state"), err)
	}
	w.helper = helper
	sms, err := w.message(ctx, holder.key, "您的亲属协助人已生效")
	return fmt.Sprintf("named, accepted, %s; before he accepted: %s; %s", accepted.text("state"), early, sms), err
}

// helperReportsLoss: the relative stops the old man's account on his own phone, and the old man's phone says so.
func (w *Walker) helperReportsLoss(ctx context.Context) (string, error) {
	h, err := w.home(ctx, w.helper)
	if err != nil {
		return "", err
	}
	r, err := w.helper.post(ctx, "/v1/loss-reports", map[string]string{"card_id": h.text("cards", 0, "card_id")})
	if err := want(r, err, http.StatusCreated); err != nil {
		return "", err
	}
	if err := lossSentence(r, true); err != nil {
		return "", err
	}
	w.helpedLossID = r.text("loss_id")
	stopped, err := w.message(ctx, w.zhang.key, "社保账户已挂失", "银行账户没有停用")
	if err != nil {
		return "", err
	}
	who, err := w.message(ctx, w.zhang.key, "亲属协助人", "为您办理:挂失社保账户")
	return fmt.Sprintf("number %s; to the holder: %s %s", r.text("receipt"), stopped, who), err
}

// helperMayNot: what takes more than four powers is the holder's: the relative releases nothing, the old man himself does.
func (w *Walker) helperMayNot(ctx context.Context) (string, error) {
	path := "/v1/loss-reports/" + w.helpedLossID
	seen := []string{}
	for _, try := range []string{path + "/release", "/v1/replacements"} {
		r, err := w.helper.post(ctx, try, map[string]string{})
		if err := want(r, err, http.StatusForbidden); err != nil {
			return "", fmt.Errorf("a helper at %s: %w", try, err)
		}
		seen = append(seen, r.String())
	}
	released, err := w.zhang.post(ctx, path+"/release", map[string]string{})
	if err := want(released, err, http.StatusOK, http.StatusAccepted); err != nil {
		return "", err
	}
	err = w.eventually(ctx, func() error {
		r, err := w.zhang.get(ctx, path)
		if err != nil || r.text("state") != "released" {
			return fmt.Errorf("the report is %s: %w", r.text("state"), err)
		}
		return nil
	})
	return fmt.Sprintf("release and replacement by the helper: %s; by the holder after a check: released", strings.Join(seen, ", ")), err
}
