package walk

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pquerna/otp/totp"
)

func (w *Walker) agentLogIn(ctx context.Context) (string, error) {
	w.agent = newClient(w.API)
	half, err := w.agent.post(ctx, "/agent/v1/sessions", map[string]string{"login": w.AgentLogin, "password": w.AgentPassword})
	if err := want(half, err, http.StatusUnauthorized); err != nil {
		return "", fmt.Errorf("the password without the second factor: %w", err)
	}
	code, err := totp.GenerateCode(w.AgentTOTP, w.Now())
	if err != nil {
		return "", err
	}
	r, err := w.agent.post(ctx, "/agent/v1/sessions", map[string]string{"login": w.AgentLogin, "password": w.AgentPassword, "code": code})
	if err := want(r, err, http.StatusCreated); err != nil {
		return "", err
	}
	w.agent.token = r.text("token")
	return "in with both factors; the password alone: " + half.String(), nil
}

func (w *Walker) agentVerify(ctx context.Context) (string, error) {
	zhang, err := w.person(ctx, "zhang")
	if err != nil {
		return "", err
	}
	if err := w.callIn(ctx, "zhang"); err != nil {
		return "", err
	}
	closed, err := w.agent.post(ctx, "/agent/v1/calls/"+w.callID+"/loss-reports", map[string]any{"read_back": true})
	if err := want(closed, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("a loss before the check: %w", err)
	}
	path := "/agent/v1/calls/" + w.callID + "/verification"
	wrong, err := w.agent.post(ctx, path, map[string]string{"name": zhang.name, "id_last6": "000000"})
	if err := want(wrong, err, http.StatusOK); err != nil || wrong.text("result") != "no_match" {
		return "", fmt.Errorf("a wrong answer: %s %w", wrong.text("result"), err)
	}
	r, err := w.agent.post(ctx, path, map[string]string{"name": zhang.name, "id_last6": zhang.idNumber[len(zhang.idNumber)-6:]})
	if err := want(r, err, http.StatusOK); err != nil {
		return "", err
	}
	if r.text("result") != "match" {
		return "", fmt.Errorf("the right answers: %s", r.text("result"))
	}
	return fmt.Sprintf("match, strength %s; a wrong answer: no_match; a loss before the check: %s", r.text("strength"), closed), nil
}

// callIn has somebody ring the agent's telephone, which opens the call when it is answered.
func (w *Walker) callIn(ctx context.Context, key string) error {
	rung, err := w.happens(ctx, map[string]any{"kind": "call_in", "citizen": key})
	if err != nil {
		return err
	}
	w.callRef = rung.text("call_ref")
	if _, err := w.happens(ctx, map[string]any{"kind": "call_answer", "call_ref": w.callRef}); err != nil {
		return err
	}
	return w.eventually(ctx, func() error {
		call, err := w.agent.get(ctx, "/agent/v1/calls/current")
		if err := want(call, err, http.StatusOK); err != nil {
			return err
		}
		if call.text("source") != "telephone" {
			return fmt.Errorf("the call is %s", call.text("source"))
		}
		w.callID = call.text("call_id")
		return nil
	})
}

// agentCode has the caller key in the code that was sent to the phone on file, which the agent never sees.
func (w *Walker) agentCode(ctx context.Context) (string, error) {
	base := "/agent/v1/calls/" + w.callID
	sent, err := w.agent.post(ctx, base+"/phone-code", nil)
	if err := want(sent, err, http.StatusAccepted); err != nil {
		return "", err
	}
	if _, err := w.message(ctx, "zhang", "12333来电身份核验"); err != nil {
		return "", err
	}
	inbox, err := w.desk.get(ctx, "/desk/messages?citizen=zhang")
	if err := want(inbox, err, http.StatusOK); err != nil {
		return "", err
	}
	if _, err := w.happens(ctx, map[string]any{"kind": "call_key", "call_ref": w.callRef, "keys": inbox.text("code")}); err != nil {
		return "", err
	}
	strength := ""
	err = w.eventually(ctx, func() error {
		call, err := w.agent.get(ctx, "/agent/v1/calls/current")
		if err := want(call, err, http.StatusOK); err != nil {
			return err
		}
		if strength = call.text("strength"); strength != "basic_phone_code" {
			return fmt.Errorf("the strength is %s", strength)
		}
		return nil
	})
	return "keyed by the caller, seen by nobody: strength " + strength, err
}

func (w *Walker) agentLoss(ctx context.Context) (string, error) {
	r, err := w.agent.post(ctx, "/agent/v1/calls/"+w.callID+"/loss-reports", map[string]any{"read_back": true})
	if err := want(r, err, http.StatusCreated); err != nil {
		return "", err
	}
	if err := lossSentence(r, true); err != nil {
		return "", err
	}
	sms, err := w.message(ctx, "zhang", "社保账户已挂失")
	return "read back: " + r.text("statement", "text") + " " + sms, err
}

func (w *Walker) agentRelease(ctx context.Context) (string, error) {
	base := "/agent/v1/calls/" + w.callID
	r, err := w.agent.post(ctx, base+"/releases", map[string]string{})
	if err := want(r, err, http.StatusForbidden); err != nil {
		return "", err
	}
	if r.text("code") != "ACTION_NOT_ON_CHANNEL" {
		return "", fmt.Errorf("a release by phone: %s", r)
	}
	bank, err := w.agent.post(ctx, base+"/financial-losses", map[string]string{})
	if err := want(bank, err, http.StatusForbidden); err != nil || bank.text("code") != "BANK_IN_PERSON_ONLY" {
		return "", fmt.Errorf("a financial loss by phone: %s %w", bank, err)
	}
	ended, err := w.agent.post(ctx, base+"/close", nil)
	if err := want(ended, err, http.StatusOK); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, to be said: %s; financial account: %s", r, r.text("facts", "say"), bank), nil
}
