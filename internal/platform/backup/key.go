package backup

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"mainstay/internal/core"
)

// sealKey encrypts the key file with a passphrase, in age's own format: the
// age tool opens it too.
func sealKey(key []byte, opts Options) (*bytes.Buffer, error) {
	recipient, err := age.NewScryptRecipient(opts.Passphrase)
	if err != nil {
		return nil, core.Invalid("passphrase", err.Error())
	}
	if opts.WorkFactor != 0 {
		recipient.SetWorkFactor(opts.WorkFactor)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(key); err != nil {
		return nil, err
	}
	return &out, w.Close()
}

func openKey(sealed io.Reader, passphrase string) ([]byte, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, core.Invalid("passphrase", err.Error())
	}
	r, err := age.Decrypt(sealed, identity)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, core.Invalid("passphrase", "is not the one this backup was made with")
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
