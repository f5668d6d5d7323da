//go:build tools

// Package tools pins, through go.mod and go.sum, the programs that are built from here.
package tools

import (
	_ "sigs.k8s.io/kwok/cmd/kwok"
	_ "sigs.k8s.io/kwok/cmd/kwokctl"
)
