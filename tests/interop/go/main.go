// Logs in and drives an agent with golang.org/x/crypto/ssh/agent, for keyfob's
// interop tests.
//
//	client login PORT USER COMMENT   log in with the key of that comment, run `id -un`
//	client agent                     add with constraints, list, sign with each RSA flag, lock, remove
//
// The agent is the one SSH_AUTH_SOCK names; the server is on 127.0.0.1. The
// server's host key is not checked: that is not what is tested. Built with Debian's
// packages (GO111MODULE=off), so nothing is fetched.
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func main() {
	if err := dispatch(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dispatch(words []string) error {
	connection, err := net.DialTimeout("unix", os.Getenv("SSH_AUTH_SOCK"), 5*time.Second)
	if err != nil {
		return err
	}
	connection.SetDeadline(time.Now().Add(30 * time.Second))
	client := agent.NewClient(connection)
	switch {
	case len(words) == 4 && words[0] == "login":
		return login(client, words[1], words[2], words[3])
	case len(words) == 1 && words[0] == "agent":
		return drive(client)
	}
	return fmt.Errorf("usage: client login PORT USER COMMENT | agent")
}

// login offers only the key of that comment, so that the success is its own.
func login(client agent.ExtendedAgent, port, user, comment string) error {
	keys, err := client.List()
	if err != nil {
		return err
	}
	signers, err := client.Signers()
	if err != nil {
		return err
	}
	var chosen []ssh.Signer
	for index, key := range keys {
		if key.Comment == comment {
			chosen = append(chosen, signers[index])
		}
	}
	connection, err := ssh.Dial("tcp", "127.0.0.1:"+port, &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(chosen...)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         10 * time.Second,
	})
	if err != nil {
		return err
	}
	defer connection.Close()
	session, err := connection.NewSession()
	if err != nil {
		return err
	}
	output, err := session.Output("id -un")
	if err != nil {
		return err
	}
	fmt.Println(strings.TrimSpace(string(output)))
	return nil
}

// drive walks the life of three keys and prints each step that went well.
func drive(client agent.ExtendedAgent) error {
	if err := addThree(client); err != nil {
		return err
	}
	fmt.Println("added")
	if err := signAll(client); err != nil {
		return err
	}
	fmt.Println("signed")
	if err := lockAndUnlock(client); err != nil {
		return err
	}
	fmt.Println("locked and unlocked")
	if _, err := client.Extension("never@keyfob.test", nil); err != agent.ErrExtensionUnsupported {
		return fmt.Errorf("an extension nobody knows answered: %v", err)
	}
	fmt.Println("refused an unknown extension")
	return removeAll(client)
}

func addThree(client agent.Agent) error {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	for _, key := range []agent.AddedKey{
		{PrivateKey: newEd25519(), Comment: "go-ed25519", LifetimeSecs: 600},
		{PrivateKey: curve, Comment: "go-ecdsa", LifetimeSecs: 600},
		{PrivateKey: modulus, Comment: "go-rsa"},
	} {
		if err := client.Add(key); err != nil {
			return fmt.Errorf("add %s: %v", key.Comment, err)
		}
	}
	return expectListed(client, 3)
}

func newEd25519() *ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &key
}

// signAll asks for every flag the protocol has and checks the name that comes back.
func signAll(client agent.ExtendedAgent) error {
	keys, err := client.List()
	if err != nil {
		return err
	}
	for _, listed := range keys {
		wanted := map[agent.SignatureFlags]string{0: listed.Format}
		if listed.Format == ssh.KeyAlgoRSA {
			wanted[agent.SignatureFlagRsaSha256] = "rsa-sha2-256"
			wanted[agent.SignatureFlagRsaSha512] = "rsa-sha2-512"
		}
		for flags, format := range wanted {
			if err := signOnce(client, listed, flags, format); err != nil {
				return fmt.Errorf("%s with flags %d: %v", listed.Comment, flags, err)
			}
		}
	}
	return nil
}

func signOnce(client agent.ExtendedAgent, listed *agent.Key, flags agent.SignatureFlags, format string) error {
	data := []byte("keyfob")
	signature, err := client.SignWithFlags(listed, data, flags)
	if err != nil {
		return err
	}
	if signature.Format != format {
		return fmt.Errorf("signature is %s, not %s", signature.Format, format)
	}
	public, err := ssh.ParsePublicKey(listed.Blob)
	if err != nil {
		return err
	}
	return public.Verify(data, signature)
}

func lockAndUnlock(client agent.Agent) error {
	if err := client.Lock([]byte("pass")); err != nil {
		return err
	}
	if err := expectListed(client, 0); err != nil {
		return err
	}
	if client.Unlock([]byte("word")) == nil {
		return fmt.Errorf("a wrong passphrase unlocked the agent")
	}
	if err := client.Unlock([]byte("pass")); err != nil {
		return err
	}
	return expectListed(client, 3)
}

func removeAll(client agent.Agent) error {
	keys, err := client.List()
	if err != nil {
		return err
	}
	if err := client.Remove(keys[0]); err != nil {
		return err
	}
	if err := expectListed(client, 2); err != nil {
		return err
	}
	if err := client.RemoveAll(); err != nil {
		return err
	}
	fmt.Println("removed")
	return expectListed(client, 0)
}

func expectListed(client agent.Agent, wanted int) error {
	keys, err := client.List()
	if err != nil {
		return err
	}
	if len(keys) != wanted {
		return fmt.Errorf("%d keys listed, not %d", len(keys), wanted)
	}
	return nil
}
