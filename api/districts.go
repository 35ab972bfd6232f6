package api

import (
	"context"
	"net/http"

	"onecard/models/policy"
)

func (s *server) registerDistricts() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/districts", ID: "listDistricts", Summary: "The districts and counties of the city by code, and the former ones that numbers still name; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listDistricts)
}

type districtReply struct {
	Code string `json:"code" doc:"GB/T 2260"`
	Name string `json:"name"`
	Now  string `json:"now,omitempty" doc:"Of one that is no more: the code of what it became"`
}

type listDistrictsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Items []districtReply `json:"items" nullable:"false" doc:"Those of today first"`
	}
}

func (s *server) listDistricts(context.Context, *struct{}) (*listDistrictsOutput, error) {
	out := &listDistrictsOutput{}
	for _, d := range policy.Districts() {
		out.Body.Items = append(out.Body.Items, districtReply(d))
	}
	out.ETag = s.etag(out.Body)
	return out, nil
}
