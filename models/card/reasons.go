package card

import (
	"fmt"

	"onecard/models"
)

// refusal puts the registry's reason into words where we know it.
func refusal(base *models.Error, code string) *models.Error {
	if text, ok := reasonTexts[code]; ok {
		base = models.NewError(base.Kind, base.Code, fmt.Sprintf("%s原因:%s。", base.Message, text))
	}
	return base.With("reason", code)
}

// reasonTexts say the registry's reason codes in plain words.
var reasonTexts = map[string]string{
	"CARD_VOID":      "这张卡已因补换卡作废",
	"CARD_CANCELLED": "这张卡已注销",
	"CARD_SEALED":    "这张卡尚未启用",
	"CARD_LOCKED":    "这张卡已被锁定",
	"CARD_UNKNOWN":   "社保系统中没有这张卡",
	"PERSON_UNKNOWN": "社保系统中没有您的登记信息",
	"NO_LOSS":        "社保系统中没有挂失记录",
	"CARD_EXISTS":    "您已持有河南省社会保障卡",

	"CARD_NOT_COLLECTED":    "这张卡尚未领取",
	"CARD_NOT_OF_PERSON":    "这张卡不是您名下的卡",
	"APPLICATION_AT_WINDOW": "本市社保系统目前不受理网上申领",

	"APPLICATION_OPEN":       "您已有一份申领正在办理",
	"BANK_NOT_AVAILABLE":     "所选银行不办理本市社保卡",
	"OUTLET_UNKNOWN":         "所选领卡网点不再服务",
	"APPLICANT_NOT_ENTITLED": "申领人不是本人或监护人",
	"PHOTO_REQUIRED":         "缺少照片",
	"PHOTO_NO_FACE":          "照片上没有识别到人脸",
	"PHOTO_MULTI_FACE":       "照片上不止一张人脸",
	"ATTACHMENT_MISSING":     "图片没有收到",
}
