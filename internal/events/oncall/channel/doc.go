// Package channel sends one message one way: mail, webhooks, chats, telephones,
// browsers and other paging services. Each way is a file with one type that
// implements Sender; New chooses it by the spec's type.
//
// A Sender tries once. Its error says whether another try can help (Permanent)
// and when (After); who calls retries. Message.ID is the same for every try, and
// goes to the other side wherever its protocol can tell a repetition by it.
// Secrets are looked up at each try, by reference. No Sender keeps state.
//
// To add a way: a type with Send, its line in the switch of New and in Types,
// what it needs in Spec.Validate, and its test against a peer.
package channel
