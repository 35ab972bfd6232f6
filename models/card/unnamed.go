package card

import (
	"slices"
	"strings"
	"time"
)

// What stands for a bank and an outlet that must not be named.
const (
	someBank  = "卡面银行"
	somePhone = "卡面银行客服电话"
	someplace = "领卡网点"
)

// unnaming takes a bank and an outlet out of a sentence: both answer a question of R58.
func unnaming(bank Bank, outlet Outlet) *strings.Replacer {
	var pairs []string
	if bank.Name != "" {
		if bank.Phone != "" {
			pairs = append(pairs, bank.Name+bank.Phone, somePhone, ",电话"+bank.Phone, "", bank.Phone, somePhone)
		}
		pairs = append(pairs, bank.Name, someBank)
	}
	if outlet.Name != "" {
		pairs = append(pairs, outlet.Name, someplace)
	}
	return strings.NewReplacer(pairs...)
}

// Unnamed is h for a caller who is not known well enough to be told her bank: neither it nor an outlet is named.
func (h Home) Unnamed() Home {
	h.Cards = slices.Clone(h.Cards)
	for i := range h.Cards {
		v := &h.Cards[i]
		u := unnaming(v.Bank, h.Next.Where)
		v.Tiles = slices.Clone(v.Tiles)
		for j := range v.Tiles {
			v.Tiles[j].Advice = u.Replace(v.Tiles[j].Advice)
		}
		v.Statement.Text, v.Statement.BankName, v.Statement.BankPhone = u.Replace(v.Statement.Text), "", ""
		h.Next.Text = u.Replace(h.Next.Text)
		v.Bank, v.Card.BankCode, v.Card.NumberMask, v.Card.OutletRef = Bank{}, "", "", ""
	}
	h.Next.Text = unnaming(Bank{}, h.Next.Where).Replace(h.Next.Text)
	h.Next.Where = Outlet{}
	return h
}

// Unnamed is p without bank, outlet and any date or number from which the month of the application shows.
func (p Progress) Unnamed() Progress {
	p.Advice = unnaming(p.Bank, p.Outlet).Replace(p.Advice)
	p.Bank, p.Outlet, p.ExpectedBy, p.Overdue = Bank{}, Outlet{}, time.Time{}, ""
	p.Application.BankCode, p.Application.OutletRef, p.Application.Receipt, p.Application.RegistryRef = "", "", "", ""
	p.Application.CreatedAt, p.Application.UpdatedAt = time.Time{}, time.Time{}
	p.Timeline = slices.Clone(p.Timeline)
	for i := range p.Timeline {
		p.Timeline[i].At = time.Time{}
	}
	return p
}

// Unnamed is p without bank and outlet.
func (p ReplacementProgress) Unnamed() ReplacementProgress {
	p.Advice = unnaming(p.Bank, p.Outlet).Replace(p.Advice)
	p.Bank, p.Outlet, p.BeforePaying, p.Announced = Bank{}, Outlet{}, nil, nil
	p.Replacement.BankCode, p.Replacement.OutletRef = "", ""
	return p
}
