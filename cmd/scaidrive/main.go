// Command scaidrive is the server and the command line client in one binary.
//
// Each subcommand is a file of its own. Exit codes: 0 done, 1 failed, 2 wrong
// usage, 3 done in part. Results go to standard output, all else to standard
// error; nothing is asked when standard input is not a terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set when the binary is built.
var version = "dev"

// cli is the command line: flags that every command takes, and the commands.
type cli struct {
	flags
	commands
}

type flags struct {
	JSON    bool   `name:"json" help:"Print one JSON object, or one a line."`
	Quiet   bool   `short:"q" help:"Print results and errors only."`
	Profile string `help:"Name of the stored sign-in." placeholder:"NAME"`
}

type commands struct {
	Login     loginCmd     `cmd:"" help:"Sign in to a server and keep the sign-in."`
	Share     shareCmd     `cmd:"" help:"Make, list, change and delete shares."`
	User      userCmd      `cmd:"" help:"Administer users."`
	Group     groupCmd     `cmd:"" help:"Administer groups."`
	Acl       aclCmd       `cmd:"" help:"Say who may do what with files, folders and shares, and why."`
	Tenant    tenantCmd    `cmd:"" help:"Administer tenants and their settings."`
	Partner   partnerCmd   `cmd:"" help:"Administer the partners of the server."`
	Dashboard dashboardCmd `cmd:"" help:"Show what is stored, who was there, and whether all parts work."`
	Token     tokenCmd     `cmd:"" help:"Make, list and end service tokens."`
	Ls        lsCmd        `cmd:"" help:"List a folder of a share."`
	Mkdir     mkdirCmd     `cmd:"" help:"Make a folder in a share."`
	Cat       catCmd       `cmd:"" help:"Write a file of a share to standard output."`
	Put       putCmd       `cmd:"" help:"Bring local files into a share."`
	Get       getCmd       `cmd:"" help:"Bring files of a share to this machine."`
	Mv        mvCmd        `cmd:"" help:"Move and rename files and folders."`
	Cp        cpCmd        `cmd:"" help:"Copy files and folders."`
	Rm        rmCmd        `cmd:"" help:"Move files and folders to the trash."`

	Sync      syncCmd      `cmd:"" help:"Keep local folders in step with shares."`
	Conflicts conflictsCmd `cmd:"" help:"List, show and resolve edits that met."`

	Archive  archiveCmd  `cmd:"" help:"Write files and folders of a share as one ZIP archive."`
	Restore  restoreCmd  `cmd:"" help:"Bring files and folders back from the trash."`
	Trash    trashCmd    `cmd:"" help:"List and empty the trash of a share."`
	Rewind   rewindCmd   `cmd:"" help:"Put a folder or share back to a moment."`
	Job      jobCmd      `cmd:"" help:"List, undo and cancel work in the background."`
	Versions versionsCmd `cmd:"" help:"List and restore the versions of a file."`

	Favorites favoritesCmd `cmd:"" help:"List and mark favourites."`
	Recent    recentCmd    `cmd:"" help:"List what you opened or changed last."`
	Notices   noticesCmd   `cmd:"" help:"List and mark what you should know of."`
	Activity  activityCmd  `cmd:"" help:"List what happened."`
	Tag       tagCmd       `cmd:"" help:"List, set and find tags."`
	Comment   commentCmd   `cmd:"" help:"Read and write comments."`
	Quota     quotaCmd     `cmd:"" help:"Show what your shares count."`

	Settings settingsCmd `cmd:"" help:"Administer the settings of the server."`

	Serve  serveCmd  `cmd:"" help:"Run the server."`
	Verify verifyCmd `cmd:"" help:"Check a stopped server's data."`
	Repair repairCmd `cmd:"" help:"Rebuild what can be rebuilt of a stopped server's data."`

	Version versionCmd `cmd:"" help:"Print the version."`

	Render renderCmd `cmd:"" name:"render-preview" hidden:"" help:"Make one preview, for the server."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// grammar is what args are parsed by. When they begin with a command, it has no
// other one: to build it of all takes longer than many a command.
func (c *cli) grammar(args []string) (any, kong.Option) {
	all := reflect.ValueOf(&c.commands).Elem()
	for i := range all.NumField() {
		f := all.Type().Field(i)
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if len(args) > 0 && args[0] == name {
			return &c.flags, kong.DynamicCommand(name, f.Tag.Get("help"), "", all.Field(i).Addr().Interface())
		}
	}
	return c, kong.OptionFunc(func(*kong.Kong) error { return nil })
}

// run is main with its surroundings given; it returns the exit code.
func run(args []string, in *os.File, out, errs io.Writer) int {
	var c cli
	left := -1
	grammar, command := c.grammar(args)
	parser, err := kong.New(grammar, command,
		kong.Name("scaidrive"),
		kong.Description("File sync and share: server and client."),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { left = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errs, "scaidrive:", err)
		return exitFailed
	}
	if len(args) == 0 {
		_, _ = parser.Parse([]string{"--help"})
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if left >= 0 {
		return left // --help has been printed
	}
	if err != nil {
		fmt.Fprintf(errs, "scaidrive: %v\nTry --help.\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := newTerm(&c, in, out, errs)
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(t)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = errInterrupted
	}
	return t.finish(err)
}
