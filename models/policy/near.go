package policy

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Datum says in which system coordinates are written.
type Datum string

// The systems. The registry and the maps of WeChat and Alipay use GCJ-02, which every map in China must; a browser's own
// position is WGS-84, some hundred metres away from it.
const (
	GCJ02 Datum = "gcj02"
	WGS84 Datum = "wgs84"
)

// Position is a place on a map.
type Position struct{ Longitude, Latitude float64 }

// FindNearInput is a search by distance. Where somebody stands is hers alone: it is rounded to about a hundred metres
// before anything is done with it, and kept nowhere.
type FindNearInput struct {
	FindOutletsInput
	At    Position
	Datum Datum // empty: GCJ-02
}

// mostNear is how many outlets one search by distance looks at; a city has some hundreds.
const mostNear = 5000

// FindNear lists outlets by distance, the nearest first, for anyone, without a log-in (R19). Outlets whose place the
// registry does not know are left out. After is the Next of the page before.
func (s *Service) FindNear(ctx context.Context, in FindNearInput) (FoundOutlets, error) {
	look, err := s.newLook(ctx, in.FindOutletsInput)
	if err != nil {
		return FoundOutlets{}, err
	}
	f := look.filter
	f.After, f.Limit = "", mostNear
	rows, err := s.store.Outlets(ctx, f)
	if err != nil {
		return FoundOutlets{}, err
	}
	here := coarse(in.At, in.Datum)
	var all []FoundOutlet
	for _, o := range rows {
		if o.Longitude == 0 && o.Latitude == 0 || !look.fits(o) {
			continue
		}
		one := look.shown(o)
		one.Distance = tens(metres(here, Position{o.Longitude, o.Latitude}))
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b FoundOutlet) int { return strings.Compare(a.place(), b.place()) })
	found := FoundOutlets{AsOf: look.asOf}
	for _, one := range all {
		if one.place() <= in.After {
			continue
		}
		if len(found.Items) == in.Limit {
			found.Next = found.Items[in.Limit-1].place()
			break
		}
		found.Items = append(found.Items, one)
	}
	return found, nil
}

// place is where an outlet stands in a list by distance.
func (o FoundOutlet) place() string { return fmt.Sprintf("%09d|%s", o.Distance, o.Ref) }

// coarse is a position in GCJ-02, rounded to a thousandth of a degree.
func coarse(p Position, datum Datum) Position {
	if datum == WGS84 {
		p = toGCJ02(p)
	}
	return Position{math.Round(p.Longitude*1000) / 1000, math.Round(p.Latitude*1000) / 1000}
}

func tens(metres float64) int { return int(math.Round(metres/10)) * 10 }

const earthRadius = 6371008.8 // metres, the mean of the ellipsoid

// metres is the way over the ground between two places.
func metres(a, b Position) float64 {
	lat1, lat2 := radians(a.Latitude), radians(b.Latitude)
	dLat, dLon := lat2-lat1, radians(b.Longitude-a.Longitude)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(min(1, math.Sqrt(h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// The ellipsoid of Krassowski 1940, on which GCJ-02 is drawn.
const (
	krassowskiAxis  = 6378245.0
	krassowskiFlatE = 0.00669342162296594323 // first eccentricity, squared
)

// toGCJ02 moves a position of WGS-84 to where the maps of China show it. The shift is the public approximation of the
// official one, good to a few metres.
func toGCJ02(p Position) Position {
	x, y := p.Longitude-105, p.Latitude-35
	wave := func(v float64) float64 { return 20*math.Sin(6*math.Pi*v) + 20*math.Sin(2*math.Pi*v) }
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		(wave(x)+20*math.Sin(math.Pi*y)+40*math.Sin(math.Pi*y/3)+160*math.Sin(math.Pi*y/12)+320*math.Sin(math.Pi*y/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		(wave(x)+20*math.Sin(math.Pi*x)+40*math.Sin(math.Pi*x/3)+150*math.Sin(math.Pi*x/12)+300*math.Sin(math.Pi*x/30))*2/3
	lat := radians(p.Latitude)
	m := 1 - krassowskiFlatE*math.Pow(math.Sin(lat), 2)
	return Position{
		Longitude: p.Longitude + east*180/(krassowskiAxis/math.Sqrt(m)*math.Cos(lat)*math.Pi),
		Latitude:  p.Latitude + north*180/(krassowskiAxis*(1-krassowskiFlatE)/(m*math.Sqrt(m))*math.Pi),
	}
}
