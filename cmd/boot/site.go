package boot

import (
	"slices"

	"onecard/api"
	"onecard/configs"
	"onecard/models"
)

// site is what the citizens' pages say of the service, and the log-ins by browser that are set up here.
func (a *App) site() api.Site {
	s := a.cfg.Site
	out := api.Site{Organiser: s.Organiser, Filing: s.Filing, ICP: s.ICP, Hotline: s.Hotline, Pretend: a.cfg.Sandbox.Enabled || a.cfg.Sandbox.URL != ""}
	if slices.ContainsFunc(a.cfg.Wechat.Apps, func(app configs.WechatApp) bool { return app.Kind == "oa" }) {
		out.Entries = append(out.Entries, string(models.WechatOA))
	}
	if slices.ContainsFunc(a.cfg.Alipay.Apps, func(app configs.AlipayApp) bool { return app.Kind == "life" }) {
		out.Entries = append(out.Entries, string(models.AlipayLife))
	}
	return out
}
