package registry

// The people of the rules: adult A and child B. Their numbers are fixed.
const (
	ruleA = "410303198001010015"
	ruleB = "410327201006150039"
)

// namedCitizen is someone a demo or a test can be.
type namedCitizen struct {
	key string
	ref string
}

// namedHouseholds makes the five named citizens and their families; each stands for one situation:
//
//	wang  rule person A, Xigong, head of a low-rent household, a working card on the face of 洛阳银行, many arrivals
//	li    adult without a card who may apply
//	zhang an old man with a working card of 农业银行 and the old-age allowance; reports by phone
//	zhao  head of a rural household with arrivals for the household
//	chen  mother of rule person B (no card), with a working card
func (b *builder) namedHouseholds() {
	wang := b.namedHome("410303", 0, []namedSeed{
		{"wang", "王建国", ruleA, "13803790101", "head"}, {"", "孙秀兰", "", "13803790111", "spouse"}, {"", "王雨桐", "", "", "child"}})
	b.housing = append(b.housing, wang[0])
	b.namedHome("410305", 1, []namedSeed{{"li", "李晓燕", idNumber("410305", "1995-03-12", 26), "13803790102", "head"}})
	b.namedHome("410303", 2, []namedSeed{
		{"zhang", "张德福", idNumber("410303", "1938-05-06", 31), "13803790103", "head"}, {"", "高桂英", "", "13803790113", "spouse"}})
	b.namedHome("410325", 1, []namedSeed{
		{"zhao", "赵铁柱", idNumber("410325", "1972-11-23", 57), "13803790104", "head"}, {"", "马秋菊", "", "13803790114", "spouse"},
		{"", "赵梓涵", "", "", "child"}, {"", "赵长河", "", "", "parent"}})
	b.namedHome("410327", 3, []namedSeed{
		{"", "智立新", idNumber("410327", "1982-02-08", 73), "13803790115", "head"},
		{"chen", "陈玉兰", idNumber("410327", "1984-09-10", 48), "13803790105", "spouse"}, {"child", "智晨", ruleB, "", "child"}})
}

type namedSeed struct{ key, name, id, phone, relation string }

// namedHome makes a household whose members are given; an empty id is drawn, an empty phone is the head's.
func (b *builder) namedHome(district string, town int, seeds []namedSeed) []*Person {
	a := areaByCode(district)
	home := b.ref("h")
	var made []*Person
	for _, s := range seeds {
		male := s.name != "孙秀兰" && s.name != "高桂英" && s.name != "马秋菊" && s.name != "王雨桐" && s.name != "赵梓涵"
		id := s.id
		if id == "" {
			age := map[string]int{"spouse": 40, "child": 9, "parent": 74}[s.relation]
			id = b.number(a, b.birth(age), male)
		}
		b.usedIDs[id] = true
		birth := id[6:10] + "-" + id[10:12] + "-" + id[12:14]
		phone := s.phone
		if phone == "" {
			phone = made[0].Phone
		}
		b.usedPhones[phone] = true
		p := &Person{Ref: b.ref("p"), Name: s.name, DocumentType: "01", IDNumber: id, BirthDate: birth, Sex: sexCode((id[16]-'0')%2 == 1),
			Nationality: "CHN", Phone: phone, Address: "洛阳市" + a.name + a.towns[town] + "1号", District: a.code, Town: townCode(a, town),
			TownName: a.towns[town], HouseholdRef: home, IsHead: s.relation == "head", Relation: s.relation, LivingStatus: "1", Version: 1,
			ChangedAt: b.city.start}
		made = append(made, p)
		if s.key != "" {
			b.city.named = append(b.city.named, namedCitizen{s.key, p.Ref})
		}
	}
	b.settle(home, made)
	return made
}
