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
@user trash Trash
What you delete goes to the trash of its share, and **Undo** brings it back at once. What was moved to the trash can be restored while it is there.
@user sync Keep a folder in step
\`scaidrive sync\` keeps a folder of your computer in step with a share. **Settings → Devices** shows each computer, what is not in step, and what it holds back: before many files are deleted at once, it asks you.
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
`;export{e as default};