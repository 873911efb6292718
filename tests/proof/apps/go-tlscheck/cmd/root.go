package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

var (
	version    = "unset"
	commit     = "unset"
	configDir  string
	policyName string
	errPolicy  = errors.New("policy violated")
)

var root = &cobra.Command{
	Use:           "tlscheck",
	Short:         "Check TLS servers against a policy",
	SilenceUsage:  true,
	SilenceErrors: true,
}

// Execute runs the command line: 1 means a violated policy, 2 anything else that failed.
func Execute() {
	root.Version = fmt.Sprintf("%s (%s)", version, commit)
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "tlscheck:", err)
		if errors.Is(err, errPolicy) {
			os.Exit(1)
		}
		os.Exit(2)
	}
}

func init() {
	root.PersistentFlags().StringVar(&configDir, "config-dir", "/etc/tlscheck", "where policies/ and selftest/ are")
	root.PersistentFlags().StringVarP(&policyName, "policy", "p", "default", "name of the policy")
}
