package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"onecard/models"
)

// fieldTexts is what a citizen reads beside a bad field, by code.
var fieldTexts = map[string]string{
	"REQUIRED":        "此项必须填写。",
	"UNKNOWN_FIELD":   "含有不能识别的内容。",
	"WRONG_TYPE":      "填写的类型不正确。",
	"NOT_AN_OPTION":   "请从给出的选项中选择。",
	"TOO_SHORT":       "填写的内容太短。",
	"TOO_LONG":        "填写的内容太长。",
	"TOO_SMALL":       "填写的数值太小。",
	"TOO_BIG":         "填写的数值太大。",
	"TOO_FEW":         "填写的项目太少。",
	"TOO_MANY":        "填写的项目太多。",
	"REPEATED":        "填写的项目有重复。",
	"BAD_FORMAT":      "填写的格式不正确。",
	"NOT_TOGETHER":    "与其他填写的内容不相符。",
	"INVALID":         "填写的内容不正确。",
	"MISSING_PARTNER": "还有相关的内容没有填写。",
}

// fieldCodes compares huma's sentences, up to their first verb, with our codes. Order matters only between sentences
// that begin alike.
var fieldCodes = []struct{ begins, code string }{
	{validation.MsgExpectedRequiredProperty, "REQUIRED"},
	{"required ", "REQUIRED"}, // "required query parameter is missing"
	{validation.MsgUnexpectedProperty, "UNKNOWN_FIELD"},
	{"unknown query parameter", "UNKNOWN_FIELD"},
	{validation.MsgExpectedOneOf, "NOT_AN_OPTION"},
	{validation.MsgExpectedConst, "NOT_AN_OPTION"},
	{validation.MsgExpectedMinLength, "TOO_SHORT"},
	{validation.MsgExpectedMaxLength, "TOO_LONG"},
	{validation.MsgExpectedMinimumNumber, "TOO_SMALL"},
	{validation.MsgExpectedExclusiveMinimumNumber, "TOO_SMALL"},
	{validation.MsgExpectedMaximumNumber, "TOO_BIG"},
	{validation.MsgExpectedExclusiveMaximumNumber, "TOO_BIG"},
	{validation.MsgExpectedMinItems, "TOO_FEW"},
	{validation.MsgExpectedMinProperties, "TOO_FEW"},
	{validation.MsgExpectedMaxItems, "TOO_MANY"},
	{validation.MsgExpectedMaxProperties, "TOO_MANY"},
	{validation.MsgExpectedArrayItemsUnique, "REPEATED"},
	{validation.MsgExpectedDependentRequiredProperty, "MISSING_PARTNER"},
	{validation.MsgExpectedMatchAtLeastOneSchema, "NOT_TOGETHER"},
	{validation.MsgExpectedMatchExactlyOneSchema, "NOT_TOGETHER"},
	{validation.MsgExpectedNotMatchSchema, "NOT_TOGETHER"},
	{validation.MsgExpectedBase64String, "BAD_FORMAT"},
	{validation.MsgExpectedNumberBeMultipleOf, "BAD_FORMAT"},
	{"expected string to ", "BAD_FORMAT"}, // every format and pattern
	{validation.MsgExpectedDuration, "BAD_FORMAT"},
	{"invalid date/time", "BAD_FORMAT"},
	{validation.MsgExpectedBoolean, "WRONG_TYPE"},
	{validation.MsgExpectedNumber, "WRONG_TYPE"},
	{validation.MsgExpectedInteger, "WRONG_TYPE"},
	{validation.MsgExpectedString, "WRONG_TYPE"},
	{validation.MsgExpectedArray, "WRONG_TYPE"},
	{validation.MsgExpectedObject, "WRONG_TYPE"},
	{"invalid ", "WRONG_TYPE"}, // "invalid integer" of a parameter
}

func fieldCode(message string) string {
	for _, f := range fieldCodes {
		begins, _, _ := strings.Cut(f.begins, "%")
		if strings.HasPrefix(message, begins) {
			return f.code
		}
	}
	return "INVALID"
}

// fieldErrors keeps of huma's findings the place, as far as it is declared, and a code. The value, huma's sentence and
// names the caller made up are dropped: an ID number may stand in any of them.
func fieldErrors(op *huma.Operation, errs []error) []models.FieldError {
	var names map[string]bool
	if op != nil {
		names, _ = op.Metadata[metaNames].(map[string]bool)
	}
	seen := map[models.FieldError]bool{}
	var fields []models.FieldError
	for _, e := range errs {
		detailer, ok := e.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		d := detailer.ErrorDetail()
		code := fieldCode(d.Message)
		place := d.Location
		if before, after, found := strings.Cut(validation.MsgExpectedRequiredProperty, "%s"); found && code == "REQUIRED" {
			if name, ok := strings.CutPrefix(d.Message, before); ok {
				place += "." + strings.TrimSuffix(name, after) // a required name is one we declared
			}
		}
		f := models.FieldError{Field: declaredPlace(place, names), Code: code, Message: fieldTexts[code]}
		if !seen[f] {
			seen[f] = true
			fields = append(fields, f)
		}
	}
	return fields
}

// declaredPlace is the part of a place that consists of names and indexes we declared; "body", "query" … where none is.
func declaredPlace(place string, names map[string]bool) string {
	loc, rest, _ := strings.Cut(place, ".")
	var kept []string
	for part := range strings.SplitSeq(rest, ".") {
		name, index, _ := strings.Cut(part, "[")
		if !names[name] || strings.Trim(index, "0123456789[]") != "" {
			break
		}
		kept = append(kept, part)
	}
	if len(kept) == 0 {
		base, _, _ := strings.Cut(loc, "[")
		if base == "query" || base == "path" || base == "header" || base == "cookie" {
			return base
		}
		return "body"
	}
	return strings.Join(kept, ".")
}
