//go:build !linux

package models

func stepBack() {}
