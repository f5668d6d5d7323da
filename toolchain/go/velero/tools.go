//go:build tools

// Package tools pins, through go.mod and go.sum, the programs that are built from here.
package tools

import (
	_ "github.com/vmware-tanzu/velero/cmd/velero"
	_ "github.com/vmware-tanzu/velero/cmd/velero-restore-helper"
)
