package registry

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Opening hours of the pretend outlets: the bureau works on working days, banks and pharmacies every day, hospitals have a
// duty counter on days off.
var (
	hallHours     = []Opening{{[]string{"workday"}, "09:00", "12:00"}, {[]string{"workday"}, "13:00", "17:00"}}
	counterHours  = []Opening{{[]string{"workday"}, "09:00", "12:00"}, {[]string{"workday"}, "14:00", "17:00"}}
	bankHours     = []Opening{{[]string{"workday", "weekend", "holiday"}, "09:00", "17:00"}}
	hospitalHours = []Opening{{[]string{"workday"}, "08:00", "18:00"}, {[]string{"weekend", "holiday"}, "08:00", "12:00"}}
	pharmacyHours = []Opening{{[]string{"workday", "weekend", "holiday"}, "08:30", "20:30"}}
)

var streets = []string{"中州中路", "解放路", "凯旋路", "人民路", "建设路", "文化路", "滨河路", "健康路", "新华街", "商城路"}

// buildOutlets makes the card windows: in each district one of each card-service bank (two of the largest), the
// bureau's hall, and counters of the bureau in some towns; after all of them, in each district a hospital and a pharmacy.
// Addresses and telephone numbers are invented.
func buildOutlets(r *rand.Rand, banks []*Bank, at time.Time) []*Outlet {
	var out []*Outlet
	add := func(a *area, o Outlet, town int) {
		n := len(out) + 1
		o.Ref = fmt.Sprintf("o%05d", n)
		o.District, o.Town = a.code, townCode(a, town)
		o.Address = fmt.Sprintf("洛阳市%s%s%s%d号", a.name, a.towns[town], streets[r.IntN(len(streets))], 1+r.IntN(280))
		o.Phone = fmt.Sprintf("0379-%08d", 65000000+n*37)
		o.Longitude = round4(a.lon + (r.Float64()-0.5)*0.06)
		o.Latitude = round4(a.lat + (r.Float64()-0.5)*0.05)
		o.Open, o.Version, o.ChangedAt = true, 1, instant(at)
		out = append(out, &o)
	}
	for i := range areas {
		a := &areas[i]
		add(a, Outlet{Name: a.name + "人社局社会保障卡服务大厅", Kind: "hrss", Hours: "周一至周五 09:00-12:00 13:00-17:00", Opening: hallHours,
			Services: []string{"apply", "collect", "replace", "loss", "release", "activate_social_security", "phone_change", "binding_slip"}}, 0)
		for t := 1; t < len(a.towns); t += 3 {
			add(a, Outlet{Name: a.towns[t] + "便民服务中心社保卡窗口", Kind: "hrss", Hours: "周一至周五 09:00-12:00 14:00-17:00", Opening: counterHours,
				Services: []string{"apply", "collect", "loss", "release", "activate_social_security"}}, t)
		}
		for _, b := range banks {
			if len(b.CardService) == 0 {
				continue
			}
			branches := 1
			if b.Code == "103" || b.Code == "313LY" {
				branches = 2
			}
			for k := range branches {
				town := (k*3 + len(b.Code)) % len(a.towns)
				add(a, Outlet{Name: fmt.Sprintf("%s%s支行", b.Name, trimSuffixTown(a, town, k)), Kind: "bank", BankCode: b.Code,
					Hours: "周一至周日 09:00-17:00", Opening: bankHours,
					Services: []string{"apply", "collect", "replace", "loss", "release", "activate_social_security", "activate_financial",
						"financial_loss", "financial_release"}}, town)
			}
		}
	}
	return append(out, medicalOutlets(len(out), at)...)
}

// medicalOutlets are the designated hospitals and pharmacies, which only activate the social-security account. Nothing of
// them is drawn by lot: the rest of the city stays what it was before they were thought of.
func medicalOutlets(before int, at time.Time) []*Outlet {
	var out []*Outlet
	for i := range areas {
		a := &areas[i]
		for k, kind := range []string{"hospital", "pharmacy"} {
			n := before + len(out) + 1
			o := &Outlet{
				Ref: fmt.Sprintf("o%05d", n), Name: a.name + "人民医院医保服务台", Kind: kind, District: a.code, Town: townCode(a, k),
				Address: fmt.Sprintf("洛阳市%s%s%s%d号", a.name, a.towns[k], streets[(i+k)%len(streets)], 10+i*3+k),
				Phone:   fmt.Sprintf("0379-%08d", 66000000+n*37), Hours: "周一至周五 08:00-18:00 周末及节假日 08:00-12:00", Opening: hospitalHours,
				Services: []string{"activate_social_security"}, Open: true, Version: 1, ChangedAt: instant(at),
				Longitude: round4(a.lon + 0.011 - float64(k)*0.019), Latitude: round4(a.lat - 0.007 + float64(k)*0.013),
			}
			if kind == "pharmacy" {
				o.Name, o.Hours, o.Opening = a.name+"惠民大药房", "周一至周日 08:30-20:30", pharmacyHours
			}
			out = append(out, o)
		}
	}
	return out
}

func trimSuffixTown(a *area, town, k int) string {
	if k == 0 {
		return a.name
	}
	return a.name + a.towns[town]
}

func townCode(a *area, town int) string { return fmt.Sprintf("%s%03d", a.code, town+1) }

func round4(f float64) float64 { return float64(int64(f*10000+0.5)) / 10000 }
