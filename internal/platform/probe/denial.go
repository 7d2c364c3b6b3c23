package probe

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// denials are the proven records of a zone that say what it does not have.
type denials struct {
	plain  []*dns.NSEC
	hashed []*dns.NSEC3
}

func (v *validator) denials(answer *dns.Msg) (d denials, err error) {
	for _, set := range recordSets(answer.Ns) {
		switch set[0].Header().Rrtype {
		case dns.TypeNSEC, dns.TypeNSEC3:
			if _, err := v.set(set, answer.Ns); err != nil {
				return d, err
			}
		default:
			continue
		}
		for _, rr := range set {
			switch n := rr.(type) {
			case *dns.NSEC:
				d.plain = append(d.plain, n)
			case *dns.NSEC3:
				if n.Iterations <= maxIterations {
					d.hashed = append(d.hashed, n)
				}
			}
		}
	}
	if len(d.plain)+len(d.hashed) == 0 {
		return d, errors.New("nothing proves that there is no such record")
	}
	return d, nil
}

// maxIterations bounds the work of hashing names (RFC 9276, 3.2).
const maxIterations = 100

// proveAbsence proves that the name, or its records of the kind, do not exist.
func (v *validator) proveAbsence(name string, kind uint16, answer *dns.Msg) error {
	d, err := v.denials(answer)
	if err != nil {
		return err
	}
	if types, ok := d.at(name); ok {
		if has(types, kind) || has(types, dns.TypeCNAME) {
			return fmt.Errorf("the proof of absence says that %s has such a record", name)
		}
		return nil
	}
	encloser, next := d.encloser(name)
	if encloser == "" || !d.covers(next) {
		return fmt.Errorf("nothing proves that %s does not exist", name)
	}
	wildcard := "*." + strings.TrimPrefix(encloser, ".")
	if types, ok := d.at(wildcard); ok {
		if answer.Rcode == dns.RcodeNameError || has(types, kind) || has(types, dns.TypeCNAME) {
			return fmt.Errorf("the proof of absence says that there is %s", wildcard)
		}
		return nil
	}
	if !d.covers(wildcard) {
		return fmt.Errorf("nothing proves that there is no %s", wildcard)
	}
	return nil
}

// proveExpansion proves that no name nearer than the wildcard exists (RFC 4035, 5.3.4).
func (v *validator) proveExpansion(name string, signed int, answer *dns.Msg) error {
	d, err := v.denials(answer)
	if err != nil {
		return err
	}
	parts := dns.SplitDomainName(name)
	next := dns.CanonicalName(strings.Join(parts[len(parts)-signed-1:], "."))
	if len(d.hashed) > 0 && !d.covers(next) || len(d.plain) > 0 && !d.covers(dns.CanonicalName(name)) {
		return fmt.Errorf("nothing proves that the wildcard applies to %s", name)
	}
	return nil
}

// at returns the types that exist at a name that exists.
func (d denials) at(name string) ([]uint16, bool) {
	for _, n := range d.plain {
		if strings.EqualFold(n.Hdr.Name, name) {
			return n.TypeBitMap, true
		}
	}
	for _, n := range d.hashed {
		if n.Match(name) {
			return n.TypeBitMap, true
		}
	}
	return nil, false
}

// covers says that a name is proven not to exist. A span that may hold unsigned
// delegations proves nothing (RFC 5155, 6).
func (d denials) covers(name string) bool {
	for _, n := range d.plain {
		if between(n.Hdr.Name, name, n.NextDomain) {
			return true
		}
	}
	for _, n := range d.hashed {
		if n.Flags&1 == 0 && n.Cover(name) {
			return true
		}
	}
	return false
}

// encloser returns the nearest ancestor that is proven to exist, and the name below
// it towards name.
func (d denials) encloser(name string) (ancestor, next string) {
	parts := dns.SplitDomainName(name)
	for i := range parts {
		at, above := dns.Fqdn(strings.Join(parts[i:], ".")), dns.Fqdn(strings.Join(parts[i+1:], "."))
		for _, n := range d.plain {
			// Between two names that exist, so do the ancestors of both.
			if dns.IsSubDomain(above, n.Hdr.Name) || dns.IsSubDomain(above, n.NextDomain) {
				return above, at
			}
		}
		for _, n := range d.hashed {
			if n.Match(above) {
				return above, at
			}
		}
	}
	return "", ""
}

// between says that name lies after first and before next in the canonical order, in
// which the last name's next is the first.
func between(first, name, next string) bool {
	if compareNames(first, next) >= 0 {
		return compareNames(first, name) < 0 && dns.IsSubDomain(next, name)
	}
	return compareNames(first, name) < 0 && compareNames(name, next) < 0
}

// compareNames orders names by their labels from the right (RFC 4034, 6.1).
func compareNames(a, b string) int {
	x, y := dns.SplitDomainName(dns.CanonicalName(a)), dns.SplitDomainName(dns.CanonicalName(b))
	for i := 1; i <= len(x) && i <= len(y); i++ {
		if c := bytes.Compare([]byte(x[len(x)-i]), []byte(y[len(y)-i])); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

func has(types []uint16, kind uint16) bool {
	for _, t := range types {
		if t == kind {
			return true
		}
	}
	return false
}
