package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// DNSSEC asks for an answer that can be proven (RFC 4033 to 4035, 5155).
type DNSSEC struct {
	Anchors []string `json:"anchors,omitempty" doc:"DS or DNSKEY records that trust begins with, such as \"example.org. IN DS 1 13 2 ...\"; the root's when left out"`
	AD      bool     `json:"ad,omitempty" doc:"the server must say that it has validated the answer, too"`
	Expiry  *Limits  `json:"expiry,omitempty" doc:"critical and warning when the signature that ends first has less left than this"`
}

// rootAnchors are the keys of the root (https://data.iana.org/root-anchors/root-anchors.xml).
func rootAnchors() []string {
	return []string{
		". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
		". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
	}
}

func (d *DNSSEC) validate(f *fields) {
	if d == nil {
		return
	}
	for i, text := range d.Anchors {
		rr, err := dns.NewRR(text)
		usable := false
		if err == nil && rr != nil {
			_, isDS := rr.(*dns.DS)
			_, isKey := rr.(*dns.DNSKEY)
			usable = isDS || isKey
		}
		f.check(usable, fmt.Sprintf("anchors[%d]", i), "must be a DS or a DNSKEY record")
	}
	if e := d.Expiry; e != nil {
		f.check(e.Warning >= 0 && e.Critical >= 0, "expiry", "must not be negative")
		f.check(e.Warning == 0 || e.Warning >= e.Critical, "expiry.warning", "must not be below critical")
	}
}

// validator proves answers from its anchors downwards. It serves one probe.
type validator struct {
	ask     func(name string, kind uint16) (*dns.Msg, error)
	anchors []dns.RR
	now     time.Time
	keys    map[string][]*dns.DNSKEY // by zone, those proven
	asked   int
	first   time.Time // when the first signature that was used ends
}

// maxQuestions bounds what one validation asks: two a zone, and zones are few.
const maxQuestions = 40

func newValidator(anchors []string, ask func(string, uint16) (*dns.Msg, error)) *validator {
	v := &validator{ask: ask, now: time.Now(), keys: map[string][]*dns.DNSKEY{}}
	if len(anchors) == 0 {
		anchors = rootAnchors()
	}
	for _, text := range anchors {
		if rr, err := dns.NewRR(text); err == nil && rr != nil {
			v.anchors = append(v.anchors, rr)
		}
	}
	return v
}

// prove returns why the answer to a question is not proven.
func (v *validator) prove(name string, kind uint16, answer *dns.Msg) error {
	name = dns.CanonicalName(name)
	sets := recordSets(answer.Answer)
	for _, set := range sets {
		sig, err := v.set(set, answer.Answer)
		if err != nil {
			return err
		}
		if int(sig.Labels) < labels(set[0].Header().Name) {
			if err := v.proveExpansion(set[0].Header().Name, int(sig.Labels), answer); err != nil {
				return err
			}
		}
	}
	last := name
	for range len(sets) { // along the aliases, whatever their order
		for _, set := range sets {
			if alias, ok := set[0].(*dns.CNAME); ok && kind != dns.TypeCNAME && dns.CanonicalName(alias.Hdr.Name) == last {
				last = dns.CanonicalName(alias.Target)
			}
		}
	}
	for _, set := range sets {
		if dns.CanonicalName(set[0].Header().Name) == last && set[0].Header().Rrtype == kind {
			return nil
		}
	}
	return v.proveAbsence(last, kind, answer)
}

// recordSets groups records that one signature covers.
func recordSets(records []dns.RR) [][]dns.RR {
	var sets [][]dns.RR
next:
	for _, rr := range records {
		h := rr.Header()
		if h.Rrtype == dns.TypeRRSIG || h.Rrtype == dns.TypeOPT {
			continue
		}
		for i, set := range sets {
			if o := set[0].Header(); o.Rrtype == h.Rrtype && strings.EqualFold(o.Name, h.Name) {
				sets[i] = append(set, rr)
				continue next
			}
		}
		sets = append(sets, []dns.RR{rr})
	}
	return sets
}

// set proves one set of records by a signature among records.
func (v *validator) set(set, records []dns.RR) (*dns.RRSIG, error) {
	h := set[0].Header()
	what := strings.TrimSuffix(h.Name, ".") + " " + dns.TypeToString[h.Rrtype]
	err := fmt.Errorf("%s is not signed", what)
	for _, rr := range records {
		sig, ok := rr.(*dns.RRSIG)
		if !ok || sig.TypeCovered != h.Rrtype || !strings.EqualFold(sig.Hdr.Name, h.Name) {
			continue
		}
		if !dns.IsSubDomain(sig.SignerName, h.Name) {
			err = fmt.Errorf("%s is signed by %s, which it does not belong to", what, sig.SignerName)
			continue
		}
		keys, fault := v.zone(sig.SignerName)
		if fault != nil {
			return nil, fault
		}
		if err = v.signed(sig, set, keys); err == nil {
			return sig, nil
		}
		err = fmt.Errorf("%s: %w", what, err)
	}
	return nil, err
}

// signed checks one signature with the keys it may be of.
func (v *validator) signed(sig *dns.RRSIG, set []dns.RR, keys []*dns.DNSKEY) error {
	if !sig.ValidityPeriod(v.now) {
		return fmt.Errorf("its signature is valid from %s to %s", moment(sig.Inception), moment(sig.Expiration))
	}
	for _, key := range keys {
		if key.KeyTag() != sig.KeyTag || key.Algorithm != sig.Algorithm {
			continue
		}
		if sig.Verify(key, set) == nil {
			// Times are serial numbers (RFC 4034, 3.1.5).
			ends := v.now.Add(time.Duration(int32(sig.Expiration-uint32(v.now.Unix()))) * time.Second)
			if v.first.IsZero() || ends.Before(v.first) {
				v.first = ends
			}
			return nil
		}
	}
	return errors.New("its signature is wrong")
}

func moment(serial uint32) string { return dns.TimeToString(serial) }

// zone returns the keys of a zone, proven from an anchor.
func (v *validator) zone(zone string) ([]*dns.DNSKEY, error) {
	zone = dns.CanonicalName(zone)
	if keys, known := v.keys[zone]; known {
		if keys == nil {
			return nil, fmt.Errorf("the keys of %s lead in a circle", zone)
		}
		return keys, nil
	}
	v.keys[zone] = nil // while they are looked for
	trusted, err := v.trusted(zone)
	if err != nil {
		return nil, err
	}
	answer, err := v.question(zone, dns.TypeDNSKEY)
	if err != nil {
		return nil, err
	}
	var keys []*dns.DNSKEY
	var set []dns.RR
	for _, rr := range answer.Answer {
		// Of a zone, and neither revoked nor of another protocol (RFC 4034, 2.1; RFC 5011, 2.1).
		if key, ok := rr.(*dns.DNSKEY); ok && strings.EqualFold(key.Hdr.Name, zone) {
			set = append(set, key)
			if key.Flags&dns.ZONE != 0 && key.Flags&dns.REVOKE == 0 && key.Protocol == 3 {
				keys = append(keys, key)
			}
		}
	}
	entry := slices.DeleteFunc(slices.Clone(keys), func(k *dns.DNSKEY) bool { return !matchesAny(k, trusted) })
	if len(entry) == 0 {
		return nil, fmt.Errorf("no key of %s is the one its parent or the anchor names", zone)
	}
	fault := fmt.Errorf("the keys of %s are not signed", zone)
	for _, rr := range answer.Answer {
		if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == dns.TypeDNSKEY && strings.EqualFold(sig.SignerName, zone) {
			if err := v.signed(sig, set, entry); err == nil {
				v.keys[zone] = keys
				return keys, nil
			} else {
				fault = fmt.Errorf("the keys of %s: %w", zone, err)
			}
		}
	}
	return nil, fault
}

// trusted are the records that name a key of the zone: anchors, or its proven DS.
func (v *validator) trusted(zone string) ([]dns.RR, error) {
	var found []dns.RR
	for _, a := range v.anchors {
		if strings.EqualFold(a.Header().Name, zone) {
			found = append(found, a)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	if zone == "." {
		return nil, errors.New("no anchor is above the name")
	}
	answer, err := v.question(zone, dns.TypeDS)
	if err != nil {
		return nil, err
	}
	for _, set := range recordSets(answer.Answer) {
		if set[0].Header().Rrtype != dns.TypeDS || !strings.EqualFold(set[0].Header().Name, zone) {
			continue
		}
		sig, err := v.set(set, answer.Answer)
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(sig.SignerName, zone) {
			return nil, fmt.Errorf("the DS of %s is signed by itself", zone)
		}
		return set, nil
	}
	return nil, fmt.Errorf("%s is not signed: its parent has no DS for it", zone)
}

func (v *validator) question(name string, kind uint16) (*dns.Msg, error) {
	if v.asked++; v.asked > maxQuestions {
		return nil, fmt.Errorf("more than %d questions are needed", maxQuestions)
	}
	answer, err := v.ask(name, kind)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, dns.TypeToString[kind], err)
	}
	return answer, nil
}

func matchesAny(key *dns.DNSKEY, trusted []dns.RR) bool {
	return slices.ContainsFunc(trusted, func(rr dns.RR) bool {
		switch t := rr.(type) {
		case *dns.DNSKEY:
			return t.Algorithm == key.Algorithm && t.PublicKey == key.PublicKey
		case *dns.DS:
			ds := key.ToDS(t.DigestType)
			return ds != nil && ds.KeyTag == t.KeyTag && ds.Algorithm == t.Algorithm && strings.EqualFold(ds.Digest, t.Digest)
		}
		return false
	})
}

func labels(name string) int {
	n := dns.CountLabel(name)
	if strings.HasPrefix(name, "*.") {
		n-- // a wildcard's own label is not counted (RFC 4034, 3.1.3)
	}
	return n
}

// judgeExpiry tells of signatures that end soon.
func (d *DNSSEC) judgeExpiry(v *validator, res *Result) {
	if v.first.IsZero() {
		return
	}
	left := v.first.Sub(v.now)
	res.Measure("signature_left", "seconds", left.Seconds())
	switch e := d.Expiry; {
	case e == nil:
	case e.Critical > 0 && left < e.Critical.Std():
		res.Worsen(Critical, "a signature ends in %v", left.Round(time.Second))
	case e.Warning > 0 && left < e.Warning.Std():
		res.Worsen(Warning, "a signature ends in %v", left.Round(time.Second))
	}
}

// proven adds to the result whether the answer is proven.
func (d *DNSSEC) proven(ctx context.Context, spec *DNS, server string, answer *dns.Msg, res *Result) {
	if d.AD && !answer.AuthenticatedData {
		res.Worsen(Critical, "the server does not say that it has validated the answer")
	}
	v := newValidator(d.Anchors, func(name string, kind uint16) (*dns.Msg, error) {
		got, _, err := exchange(ctx, question(name, kind, d), server, spec.TCP)
		return got, err
	})
	if err := v.prove(spec.Name, dns.StringToType[spec.recordType()], answer); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		res.Worsen(Critical, "the answer is not proven: %s", Why(err))
		return
	}
	d.judgeExpiry(v, res)
}

// question asks for signatures. The server is told to hand over what it could not
// validate, unless its own word is wanted.
func question(name string, kind uint16, d *DNSSEC) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(1232, d != nil)
	if d != nil {
		m.AuthenticatedData, m.CheckingDisabled = d.AD, !d.AD
	}
	return m
}
