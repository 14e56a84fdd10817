package httpd

import "scaidrive/httpd/wire"

var (
	opListFavourites = op{
		Name: "listFavorites", Tag: tagMe, Summary: "The files and folders that the caller marked",
		About:   "What was marked last is first. What is deleted or out of sight is neither listed nor counted, and comes back when it does.",
		Query:   paged,
		Answers: gives(200, wire.Desk{}, "A page of favourites."),
	}
	opAddFavourite = op{
		Name: "addFavorite", Tag: tagMe, Summary: "Mark a file or folder",
		About:   "What is marked already stays as it is. A user has at most 10,000 favourites; one more is 409.",
		Body:    wire.Mark{},
		Answers: done,
		Fails:   list(404, 409, 410),
	}
	opRemoveFavourite = op{
		Name: "removeFavorite", Tag: tagMe, Summary: "Take the mark from a file or folder",
		About:   "Where there is none, nothing happens.",
		Body:    wire.Mark{},
		Answers: done,
	}
	opListRecent = op{
		Name: "listRecent", Tag: tagMe, Summary: "What the caller opened or changed last",
		About:   "Newest first, each file or folder once, at most 200. Of many changes made at once only the last 20 count.",
		Query:   paged,
		Answers: gives(200, wire.Desk{}, "A page of files and folders."),
	}
)
