//go:build tools

// Package tools pins, through go.mod and go.sum, the programs that are built from here.
package tools

import _ "github.com/traefik/traefik/v3/cmd/traefik"
