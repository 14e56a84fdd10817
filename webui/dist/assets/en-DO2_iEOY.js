var e=`@user start Shares, folders and files
A **share** is a place for files that belong together; **My drive** is yours alone. Open a share to see its folders and files. Sort by a column's heading. Double click, or Enter, opens a folder or shows a file. The address of every page can be sent to others: who may see it, sees it.
@user upload Upload files and folders
Drop files or whole folders anywhere on an open folder, or use **Upload**. Three files are sent at once; the tray shows how far they are and how fast. One file's trouble never stops the others: it stays in the list with its reason, and **Retry all** sends what failed again.

If a name is taken, choose **Replace** (the file gets a new version), **Keep both**, or **Skip**.
@user resume When an upload was interrupted
After a reload, sleep, another network or a new sign-in an upload goes on where it was. Where the browser does not let us read the file again, the tray asks for it: choose or drop **the same file**, and it goes on after a check. If the file has changed meanwhile, it is sent from the beginning. An upload can be continued for a day. Signing out stops uploads and forgets them.
@user preview Look at files
Pictures, PDF documents, text, code, Markdown, sound and film are shown here; for others there is **Download**. The arrow keys ← → go to the previous and next file. What a file holds never runs in your browser: SVG and HTML are shown as text.
@user edit Edit text
Text and Markdown have **Edit** if you may change the file. Saving makes a new version. If someone saved meanwhile, nothing is overwritten: save yours as a new file, replace theirs (it stays among the versions), or drop yours.
@user share Share with others
**Share** at a folder or share opens the dialog. **People** adds persons and groups to the share with a role: readers see, contributors change, admins also decide who is in. Someone without an account gets an **invitation**: hand over its address, it is good for one sign-up. A role can have an end. What you share arrives at the others without a reload.
@user permissions Who may do what
Roles count for the whole share. Under **Permissions** a folder or file gets entries of its own: allow or deny single rights to a person or group, for it, for what is in it, or both. The nearest entry decides; at the same place a denial beats a grant; any entry beats the role. Switch off **Inherit from above** to leave out what comes from higher folders. **Why does this person have access?** names the entry or role that decided.
@user versions Versions
Each time a file's content changes, the content before stays as a version. **Details → Versions** lists them: download one, or restore it. Restoring makes a new version with the old content, so nothing is lost by it.
@user moment Back to a moment
**Put back to a moment…** on a folder shows how it was at a time: move the slider, look at what would differ, then put back. What is there now isn't lost: contents stay as versions, what was added goes to the trash, and it can be undone.
@user conflicts Conflicts
A conflict arises when two people, or two computers, changed the same file without knowing of each other. Nothing is lost: everyone sees what is on the server until someone decides. **Conflicts** shows both sides, text line by line. Keep mine (1), theirs (2), or both (3); what is not kept stays as a version.
@user trash Trash
What you delete goes to the trash of its share, and **Undo** brings it back at once. What was moved to the trash can be restored while it is there.

**Recent actions** in the account’s menu lists what you did, each with its own **Undo**; Ctrl+Z takes back the last one. Several selected files are renamed together by **Rename…** in their menu: a part of the names is replaced, and you see how before.
@user sync Keep a folder in step
\`scaidrive sync\` keeps a folder of your computer in step with a share. **Settings → Devices** shows each computer, what is not in step, and what it holds back: before many files are deleted at once, it asks you.
@user cli Command line
\`scaidrive login ADDRESS\` signs in once. Then \`scaidrive ls SHARE:/\`, \`put\`, \`get\`, \`mv\`, \`cp\`, \`rm\`, \`restore\` and \`versions\` work as their names say; \`put -r\` and \`get -r\` take whole folders and skip what is there already. Every command has \`--help\` with an example and \`--json\` for scripts.
@user synccli Set up a synced folder
\`scaidrive sync add SHARE FOLDER\` joins a share and a folder of your computer; \`scaidrive sync run\` keeps them in step while it runs, \`scaidrive sync run --once\` does it once. \`sync status\` says what is not in step and why. What both sides changed is kept twice, or waits under **Conflicts**, as the share says. Edited files are never thrown away: what can't stay goes to \`.scaidrive/rescue\` in the folder.
@user install Install as an app
Your browser offers **Install** in its menu (on phones: *Add to home screen*), if this server is reached by HTTPS. Without a connection the app opens and says so; files are not kept on the device.
@admin firststart First start
The administrator of the first start is made with \`SCAIDRIVE_ADMIN_EMAIL\` and \`SCAIDRIVE_ADMIN_PASSWORD\`. All data lies in the folder given by \`--data\`; keep it on a disk of its own and back it up as a whole. Serve people by HTTPS: previews of large films, installing, and continuing dropped files need it.
@admin people People and groups
Give rights to groups rather than to people: who joins a group has its rights at once, who leaves loses them at once. Suspending a person ends their sign-ins and tokens; their files stay.
@admin rights Rights
A share's roles are reader, contributor, admin and owner. Below, entries on folders and files add or take away single rights. What a person may not see looks the same as what is not there.
@admin health Health and repair
\`scaidrive verify\` reads everything and compares it with its checksums; \`scaidrive repair\` puts right what can be. If the disk is full, reading goes on and writing stops until there is room.
@admin console The console
**Account → Console** is there for administrators. The dashboard shows whether all parts work and what to do if not, how much is stored and by which shares, what deduplication saves at least, and how many people were there today, in 7 and in 30 days. **Users** makes accounts (the link to set a password is shown once, hand it over), suspends and lets in again, changes roles. **Groups** can hold groups. **Shares** lists all shares of the tenant. **Settings** holds what counts for the tenant, such as the days of the trash and the length of passwords.
@admin tenants Tenants and partners
A tenant is a separate organisation on the same server: its own people, groups, shares and settings; nobody sees across. Super administrators and the staff of a partner make and suspend tenants; they don't see into them. A suspended tenant is shut out at the next request and keeps everything.
@admin retention Trash and versions
What is in the trash counts as storage and is deleted for good after the tenant's days for it (30, if nothing else is set; a share can have its own). All versions are kept unless the tenant or the share sets days or a number.
@admin backup Backup
Stop the server and copy the data folder as a whole (\`reserve\` and \`derived/\` may be left out), or take a snapshot of the volume while it runs: that is what a power cut leaves, and the server starts from it. To restore, put the copy in place, run \`scaidrive verify --data FOLDER\`, then start. Try it before you need it.
@admin verify Look and repair
Stop the server first. \`scaidrive verify --data FOLDER\` compares headers, indexes and counts; with \`--read-data\` it reads every byte. \`scaidrive repair --data FOLDER\` rebuilds what can be rebuilt and removes nothing that could be read; only \`--accept-loss\` goes on without what can't be read any more, and names it. Exit 0: all is well.
@admin tokens Tokens for scripts
**Settings → API tokens** makes a token that acts in the name of its maker, within its scopes. Give each script its own, let it end, delete what is not used. The secret is shown once.
@errors connection No connection since …
The server can't be reached. You see what was loaded before; uploads wait and go on by themselves. Check your network, then **Try now**.
@errors signin Your sign-in ended
Sign in again: uploads wait, nothing is lost. It happens after a long pause, or when an administrator ended your sign-ins.
@errors gone You can't see this, or it isn't here any more
Either you have no right to see it, it was deleted, or the address is wrong. Ask who sent it to share it with you.
@errors taken A file or folder here has this name
Names are compared without regard to capitals. Choose another name, or replace the file.
@errors names A name is refused
Names can't contain \`\\ / : * ? " < > |\`, can't end with a dot or a space, and have at most 255 bytes, so that they work on every computer.
@errors changed Someone changed it meanwhile
What you saw is not what is there now. Look at it again, then decide; nothing was overwritten.
@errors room There is no room left
The share, or the server's disk, is full. Empty the trash or ask your administrator.
@errors damaged Data stored on the server is damaged
What is read is compared with its checksum, and this did not agree. Tell your administrator the request number; other files are not concerned.
@errors fault The server had a fault
Try again. If it stays, tell your administrator the request number under **Details**; the server's log has it.
@errors uploadfailed An upload failed
The reason stands beside the file. **Too large**: the limit is named. **Can't be read**: it changed or was moved on your computer; choose it again. **The connection broke**: **Retry all**, what had arrived is not sent again. **You can't add files here**: your role in this folder only lets you read.
@errors conflict A conflict is waiting
Two sides changed the same file. Open **Conflicts** and decide; until then the content on the server stays.
@errors heldback A computer holds deletions back
Many files vanished from a synced folder at once, perhaps because a disk was not there. Nothing is deleted on the server until you say so: **Settings → Devices**, **Allow the deletions** or **Keep the files**. The trash has them in either case.
@errors readonly The server takes no changes right now
Reading works. The disk failed to store something, so nothing more is promised. Tell your administrator: look at the disk, then restart the server. What was confirmed is stored.
@errors toomany Too many calls, or too many wrong passwords
Wait for the time that is named. Wrong passwords are counted for each account and address; a right one clears the count.
`;export{e as default};