package policy

import "slices"

// District is a district or county of the city under its code of GB/T 2260.
type District struct {
	Code string
	Name string
	Now  string // the code of what it became; empty: it is one today
}

// districts of Luoyang: seven districts and seven counties, and what became part of districts in March 2021. The old codes live on
// in the numbers of people who were born there.
var districts = []District{
	{Code: "410302", Name: "老城区"}, {Code: "410303", Name: "西工区"}, {Code: "410304", Name: "瀍河回族区"}, {Code: "410305", Name: "涧西区"},
	{Code: "410307", Name: "偃师区"}, {Code: "410308", Name: "孟津区"}, {Code: "410311", Name: "洛龙区"},
	{Code: "410323", Name: "新安县"}, {Code: "410324", Name: "栾川县"}, {Code: "410325", Name: "嵩县"}, {Code: "410326", Name: "汝阳县"},
	{Code: "410327", Name: "宜阳县"}, {Code: "410328", Name: "洛宁县"}, {Code: "410329", Name: "伊川县"},
	{Code: "410306", Name: "吉利区", Now: "410308"}, {Code: "410322", Name: "孟津县", Now: "410308"}, {Code: "410381", Name: "偃师市", Now: "410307"},
}

// Districts lists the districts of today, and after them those that are no more.
func Districts() []District { return slices.Clone(districts) }
