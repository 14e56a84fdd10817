package transfer

// renameNeedsClosed: an open file cannot be renamed here.
const renameNeedsClosed = true
