package card

import (
	"strings"

	"onecard/models"
)

// ApplicantKind is what kind of document proves a person, by the form of the number (R50).
type ApplicantKind string

// The kinds of applicants.
const (
	Mainlander ApplicantKind = "mainland"            // resident identity card, 18 characters
	HongKong   ApplicantKind = "hk_macao_taiwan"     // residence permit: 810000, 820000, 830000
	Foreigner  ApplicantKind = "permanent_foreigner" // permanent residence card: 9…, or the old form with letters
)

// Paper is one picture that an application needs, as its applicant reads it.
type Paper struct {
	Purpose UploadPurpose
	Label   string
	Hint    string
}

const photoHint = "近期正面免冠白底证件照,JPG或PNG。"

// papersOf lists what each kind of applicant has to upload, before the first field is asked for (R17).
var papersOf = map[ApplicantKind][]Paper{
	Mainlander: {
		{UploadPhoto, "本人电子照片", photoHint},
		{UploadIDFront, "居民身份证人像面", "四角拍全、避开反光。"},
		{UploadIDBack, "居民身份证国徽面", "须在有效期内。"},
	},
	HongKong: {
		{UploadPhoto, "本人电子照片", photoHint},
		{UploadIDFront, "港澳台居民居住证人像面", "四角拍全、避开反光。"},
		{UploadIDBack, "港澳台居民居住证国徽面", "须在有效期内。"},
	},
	Foreigner: {
		{UploadPhoto, "本人电子照片", photoHint},
		{UploadIDFront, "外国人永久居留身份证人像面", "四角拍全、避开反光。"},
		{UploadIDBack, "外国人永久居留身份证背面", "须在有效期内。"},
	},
}

// minorPapers are those of a child without an identity card: two pages of the household book stand in for its sides.
var minorPapers = []Paper{
	{UploadPhoto, "孩子本人电子照片", photoHint},
	{UploadIDFront, "居民户口簿首页", "户号、地址和印章拍全、看得清。"},
	{UploadIDBack, "居民户口簿孩子本人页", "姓名、证件号码和登记日期拍全、看得清。"},
}

// papersFor are the papers of a kind; a guardian shows a mainland child's household book.
func papersFor(kind ApplicantKind, by models.Actor) []Paper {
	if by.As == models.AsGuardian && kind == Mainlander {
		return minorPapers
	}
	return papersOf[kind]
}

// kindOf tells the kind by the number. It looks at the first characters only.
func kindOf(n models.IDNumber) ApplicantKind {
	number := n.Reveal()
	switch {
	case number == "" || strings.HasPrefix(number, "9") || number[0] >= 'A':
		return Foreigner // a number that is not known here is an old foreigner's document
	case strings.HasPrefix(number, "81"), strings.HasPrefix(number, "82"), strings.HasPrefix(number, "83"):
		return HongKong
	}
	return Mainlander
}
