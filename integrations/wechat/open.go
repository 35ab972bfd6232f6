package wechat

import (
	"errors"

	"onecard/configs"
	"onecard/models/citizen"
)

// Apps are the adapters of every app in the settings.
type Apps struct {
	Logins []citizen.LoginProvider
	Phones []citizen.PhoneProvider
	Faces  []citizen.FaceCheck // of the apps that have the right to it
	close  []func() error
}

// Open makes the adapters of all apps. returnTo is our address to which the authorize page sends a browser back.
// It calls nobody.
func Open(cfg configs.Wechat, returnTo string, d Deps) (*Apps, error) {
	all := &Apps{}
	for _, app := range cfg.Apps {
		var err error
		switch app.Kind {
		case "oa":
			var o *OfficialAccount
			if o, err = NewOfficialAccount(cfg, app, returnTo, d); err == nil {
				all.Logins, all.close = append(all.Logins, o), append(all.close, o.Close)
			}
		default:
			var m *MiniProgram
			if m, err = NewMiniProgram(cfg, app, d); err == nil {
				all.Logins, all.Phones, all.close = append(all.Logins, m), append(all.Phones, m), append(all.close, m.Close)
				if app.RealPerson {
					all.Faces = append(all.Faces, m.FaceCheck())
				}
			}
		}
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
	}
	return all, nil
}

// Close takes the apps out of the process-wide transport.
func (a *Apps) Close() error {
	var errs []error
	for _, f := range a.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}
