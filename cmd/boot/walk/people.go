package walk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// citizen is one of the demo city's people with her session.
type citizen struct {
	*client
	key, name, idNumber, phone string
}

// person reads who a named citizen is from the desk.
func (w *Walker) person(ctx context.Context, key string) (*citizen, error) {
	r, err := w.desk.get(ctx, "/desk/citizens")
	if err := want(r, err, http.StatusOK); err != nil {
		return nil, err
	}
	for _, one := range r.list("citizens") {
		m, _ := one.(map[string]any)
		if m["key"] == key {
			c := &citizen{client: newClient(w.API), key: key}
			c.name, _ = m["name"].(string)
			c.idNumber, _ = m["id_number"].(string)
			c.phone, _ = m["phone"].(string)
			return c, nil
		}
	}
	return nil, fmt.Errorf("the desk knows no citizen %q", key)
}

// miniLogIn is what a mini-program does with the code of its platform.
func (w *Walker) miniLogIn(ctx context.Context, platform, key string) (*citizen, string, error) {
	c, err := w.person(ctx, key)
	if err != nil {
		return nil, "", err
	}
	code, r, err := w.enter(ctx, c, platform)
	if err == nil && r.status == http.StatusUnauthorized { // the answer was lost with a server: an app fetches a new code
		code, r, err = w.enter(ctx, c, platform)
	}
	if err := want(r, err, http.StatusCreated); err != nil {
		return nil, "", err
	}
	if c.token = r.text("token"); c.token == "" {
		return nil, "", fmt.Errorf("no token came")
	}
	again, err := newClient(w.API).post(ctx, "/v1/sessions", map[string]string{"platform": platform, "code": code})
	if err := want(again, err, http.StatusUnauthorized); err != nil {
		return nil, "", fmt.Errorf("a used code: %w", err)
	}
	return c, "session at level " + r.text("session", "level") + "; the same code again: " + again.String(), nil
}

// enter logs in with a new code of the platform.
func (w *Walker) enter(ctx context.Context, c *citizen, platform string) (code string, r reply, err error) {
	given, err := w.desk.get(ctx, "/desk/codes?platform="+platform+"&citizen="+c.key)
	if err := want(given, err, http.StatusOK); err != nil {
		return "", reply{}, err
	}
	code = given.text("code")
	r, err = c.post(ctx, "/v1/sessions", map[string]string{"platform": platform, "code": code, "device": "demo"})
	return code, r, err
}

// browserLogIn goes to the platform's page, taps who one is, and comes back with a cookie and a clean address.
func (w *Walker) browserLogIn(ctx context.Context, platform, key string) (*citizen, string, error) {
	c, err := w.person(ctx, key)
	if err != nil {
		return nil, "", err
	}
	begun, err := c.post(ctx, "/v1/authorizations", map[string]string{"platform": platform})
	if err := want(begun, err, http.StatusCreated); err != nil {
		return nil, "", err
	}
	page := begun.text("url")
	addr, fragment, _ := strings.Cut(page, "#")
	shown, err := newClient(w.Desk).get(ctx, addr)
	if err := want(shown, err, http.StatusOK); err != nil {
		return nil, "", fmt.Errorf("the platform's page: %w", err)
	}
	tapped, err := newClient(w.Desk).get(ctx, addr+"&citizen="+url.QueryEscape(key)+"#"+fragment)
	if err := want(tapped, err, http.StatusFound); err != nil {
		return nil, "", fmt.Errorf("the tap on the page: %w", err)
	}
	back, err := c.get(ctx, tapped.header.Get("Location"))
	if err := want(back, err, http.StatusSeeOther); err != nil {
		return nil, "", fmt.Errorf("the way back: %w", err)
	}
	if home := back.header.Get("Location"); strings.ContainsAny(home, "?#") {
		return nil, "", fmt.Errorf("the address after the log-in is not clean")
	}
	me, err := c.get(ctx, "/v1/me")
	if err := want(me, err, http.StatusOK); err != nil {
		return nil, "", err
	}
	return c, "cookie session at level " + me.text("level") + ", sent on to " + back.header.Get("Location"), nil
}

func (w *Walker) logInWechatMini(ctx context.Context) (seen string, err error) {
	w.wang, seen, err = w.miniLogIn(ctx, "wechat_mini", "wang")
	return seen, err
}

func (w *Walker) logInWechatOA(ctx context.Context) (seen string, err error) {
	w.zhao, seen, err = w.browserLogIn(ctx, "wechat_oa", "zhao")
	return seen, err
}

func (w *Walker) logInAlipayMini(ctx context.Context) (seen string, err error) {
	w.li, seen, err = w.miniLogIn(ctx, "alipay_mini", "li")
	return seen, err
}

func (w *Walker) logInAlipayLife(ctx context.Context) (seen string, err error) {
	w.chen, seen, err = w.browserLogIn(ctx, "alipay_life", "chen")
	return seen, err
}

// consent shows and agrees to one text in force.
func (w *Walker) consent(ctx context.Context, c *citizen, purpose string) error {
	texts, err := c.get(ctx, "/v1/me/consents")
	if err := want(texts, err, http.StatusOK); err != nil {
		return err
	}
	for i := range texts.list("items") {
		if texts.text("items", i, "purpose") == purpose {
			given, err := c.post(ctx, "/v1/me/consents", map[string]string{"purpose": purpose, "version": texts.text("items", i, "version")})
			return want(given, err, http.StatusCreated)
		}
	}
	return fmt.Errorf("no consent text for %s", purpose)
}

// bindByCode binds with a code to the phone the registry holds.
func (w *Walker) bindByCode(ctx context.Context, c *citizen) (string, error) {
	if err := w.consent(ctx, c, "privacy_notice"); err != nil {
		return "", err
	}
	asked, err := c.post(ctx, "/v1/me/binding/codes", map[string]string{"name": c.name, "id_number": c.idNumber, "phone": c.phone})
	if err := want(asked, err, http.StatusAccepted); err != nil {
		return "", err
	}
	var code string
	err = w.eventually(ctx, func() error {
		r, err := w.desk.get(ctx, "/desk/messages?citizen="+c.key)
		if err := want(r, err, http.StatusOK); err != nil {
			return err
		}
		if code = r.text("code"); code == "" {
			return fmt.Errorf("no code came by SMS")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	bound, err := c.post(ctx, "/v1/me/binding", map[string]string{"code": code})
	if err := want(bound, err, http.StatusOK); err != nil {
		return "", err
	}
	if t := bound.text("token"); t != "" {
		c.token = t
	}
	return bound.text("session", "level"), nil
}

// check passes the platform's real-person check, begun at path.
func (w *Walker) check(ctx context.Context, c *citizen, path string, body any) (string, error) {
	begun, err := c.post(ctx, path, body)
	if err := want(begun, err, http.StatusCreated); err != nil {
		return "", err
	}
	if early, err := c.post(ctx, "/v1/me/checks/"+begun.text("check_id")+"/finish", nil); err != nil || early.status == http.StatusOK {
		return "", fmt.Errorf("a check nobody passed was believed: %s %w", early, err)
	}
	shown, err := w.desk.post(ctx, "/desk/face", map[string]any{"citizen": c.key, "passed": true})
	if err := want(shown, err, http.StatusOK); err != nil {
		return "", err
	}
	done, err := c.post(ctx, "/v1/me/checks/"+begun.text("check_id")+"/finish", nil)
	if err := want(done, err, http.StatusOK); err != nil {
		return "", err
	}
	if t := done.text("token"); t != "" {
		c.token = t
	}
	return done.text("session", "level"), nil
}

func (w *Walker) bind(ctx context.Context) (string, error) {
	byCode, err := w.bindByCode(ctx, w.wang)
	if err != nil {
		return "", err
	}
	if err := w.consent(ctx, w.wang, "face"); err != nil {
		return "", err
	}
	raised, err := w.check(ctx, w.wang, "/v1/me/checks", nil)
	if err != nil {
		return "", err
	}
	for _, purpose := range []string{"privacy_notice", "face"} {
		if err := w.consent(ctx, w.li, purpose); err != nil {
			return "", err
		}
	}
	byFace, err := w.check(ctx, w.li, "/v1/me/binding/checks", map[string]string{"name": w.li.name, "id_number": w.li.idNumber})
	if err != nil {
		return "", err
	}
	if _, err := w.bindByCode(ctx, w.chen); err != nil {
		return "", err
	}
	return fmt.Sprintf("by code to the phone on file: %s, after a real-person check: %s; by real-person check at once: %s", byCode, raised, byFace), nil
}
