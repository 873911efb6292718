package cmd

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"
)

type policy struct {
	MinVersion string   `yaml:"min_version"`
	Issuers    []string `yaml:"issuers"`
}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func loadPolicy(name string) (policy, error) {
	var p policy
	raw, err := os.ReadFile(filepath.Join(configDir, "policies", name+".yaml"))
	if err != nil {
		return p, fmt.Errorf("no policy %q", name)
	}
	return p, yaml.Unmarshal(raw, &p)
}

func check(address, serverName string) error {
	p, err := loadPolicy(policyName)
	if err != nil {
		return err
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	// RootCAs is nil: the roots of the system
	conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{ServerName: serverName})
	if err != nil {
		return err
	}
	defer conn.Close()
	state := conn.ConnectionState()
	chain := state.VerifiedChains[0]
	fmt.Printf("%s: %s, issued by %q\n", chain[0].Subject.CommonName, tls.VersionName(state.Version), chain[0].Issuer.CommonName)
	if state.Version < versions[p.MinVersion] {
		return fmt.Errorf("%w: older than TLS %s", errPolicy, p.MinVersion)
	}
	for _, issuer := range p.Issuers {
		if issuer == chain[0].Issuer.CommonName {
			return nil
		}
	}
	if len(p.Issuers) > 0 {
		return fmt.Errorf("%w: issuer not in %v", errPolicy, p.Issuers)
	}
	return nil
}

func init() {
	root.AddCommand(&cobra.Command{
		Use:   "check HOST:PORT",
		Short: "Check one server",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			host, _, err := net.SplitHostPort(args[0])
			if err != nil {
				return err
			}
			return check(args[0], host)
		},
	})
}
