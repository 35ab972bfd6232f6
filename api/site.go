package api

import (
	"context"
	"net/http"
)

// Site is what stands at the foot of every citizens' page, and by which doors a browser comes in.
type Site struct {
	Organiser, Filing, ICP, Hotline string
	Pretend                         bool     // the platforms are pretend ones: who logs in is chosen from a list
	Entries                         []string // platforms with a log-in by browser
}

type siteReply struct {
	Organiser string   `json:"organiser" doc:"Who runs the service (主办单位); empty where it is not set"`
	Filing    string   `json:"filing" doc:"The line of a filing; empty where there is none"`
	ICP       string   `json:"icp" doc:"ICP备案号; empty where it is not set"`
	Hotline   string   `json:"hotline" doc:"Telephone of the hotline"`
	Pretend   bool     `json:"pretend" doc:"The platforms are pretend ones, and everybody is invented"`
	Entries   []string `json:"entries" enum:"wechat_oa,alipay_life" nullable:"false" doc:"Platforms with a log-in by browser (beginAuthorization)"`
}

type siteOutput struct {
	ETag string `header:"ETag"`
	Body siteReply
}

func (s *server) registerSite() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/site", ID: "showSite", Summary: "Who runs the service, under which filings, and by which doors one logs in; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Statuses: []int{http.StatusOK},
	}, s.showSite)
}

func (s *server) showSite(context.Context, *struct{}) (*siteOutput, error) {
	entries := s.Site.Entries
	if entries == nil {
		entries = []string{}
	}
	body := siteReply{
		Organiser: s.Site.Organiser, Filing: s.Site.Filing, ICP: s.Site.ICP, Hotline: s.Site.Hotline, Pretend: s.Site.Pretend, Entries: entries,
	}
	return &siteOutput{ETag: s.etag(body), Body: body}, nil
}
