package alipay

import (
	"onecard/configs"
	"onecard/models/citizen"
)

// Apps are the adapters of every app in the settings.
type Apps struct {
	Logins []citizen.LoginProvider
	Phones []citizen.PhoneProvider
	Faces  []citizen.FaceCheck // of the apps that have the right to it
}

// Open makes the adapters of all apps. returnTo is our address to which the authorize page sends a browser back,
// faceReturn the page to which the wallet goes back after a certification. It calls nobody.
func Open(cfg configs.Alipay, returnTo, faceReturn string, d Deps) (*Apps, error) {
	all := &Apps{}
	for _, settings := range cfg.Apps {
		var a *app
		if settings.Kind == "life" {
			l, err := NewLifeAccount(cfg, settings, returnTo, d)
			if err != nil {
				return nil, err
			}
			a, all.Logins = l.app, append(all.Logins, l)
		} else {
			m, err := NewMiniProgram(cfg, settings, d)
			if err != nil {
				return nil, err
			}
			a, all.Logins, all.Phones = m.app, append(all.Logins, m), append(all.Phones, m)
		}
		if settings.RealPerson {
			f, err := newFaceCheck(a, faceReturn)
			if err != nil {
				return nil, err
			}
			all.Faces = append(all.Faces, f)
		}
	}
	return all, nil
}
