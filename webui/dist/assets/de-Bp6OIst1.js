var e=`@user start Freigaben, Ordner und Dateien
Eine **Freigabe** ist ein Ort für Dateien, die zusammengehören; **Mein Laufwerk** gehört dir allein. Öffne eine Freigabe, um ihre Ordner und Dateien zu sehen. Sortiert wird über die Spaltenköpfe. Doppelklick oder Eingabe öffnet einen Ordner oder zeigt eine Datei. Die Adresse jeder Seite kann man weitergeben: Wer sie sehen darf, sieht sie.
@user upload Dateien und Ordner hochladen
Ziehe Dateien oder ganze Ordner auf einen offenen Ordner, oder nimm **Hochladen**. Drei Dateien werden zugleich gesendet; die Ablage unten zeigt, wie weit und wie schnell. Eine Störung hält die anderen nicht auf: Die Datei bleibt mit ihrem Grund in der Liste, und alles Fehlgeschlagene lässt sich zusammen noch einmal senden.

Ist ein Name vergeben, wähle **Ersetzen** (die Datei bekommt eine neue Version), **Beide behalten** oder **Überspringen**.
@user resume Wenn ein Upload unterbrochen wurde
Nach Neuladen, Ruhezustand, Netzwechsel oder neuer Anmeldung geht ein Upload dort weiter, wo er war. Wo der Browser uns die Datei nicht wieder lesen lässt, fragt die Liste danach: Wähle oder ziehe **dieselbe Datei** hierher, nach einer Prüfung geht es weiter. Hat sie sich geändert, wird sie von vorn gesendet. Fortsetzen geht einen Tag lang. Abmelden beendet und vergisst Uploads.
@user preview Dateien ansehen
Bilder, PDF-Dokumente, Text, Code, Markdown, Ton und Film werden hier gezeigt; für andere gibt es **Herunterladen**. Die Pfeiltasten ← → gehen zur vorigen und nächsten Datei. Was eine Datei enthält, läuft nie in deinem Browser: SVG und HTML werden als Text gezeigt.
@user edit Text bearbeiten
Text und Markdown haben **Bearbeiten**, wenn du die Datei ändern darfst. Speichern macht eine neue Version. Hat inzwischen jemand gespeichert, wird nichts überschrieben: Speichere deines als neue Datei, ersetze das andere (es bleibt unter den Versionen), oder verwirf deines.
@user share Mit anderen teilen
**Teilen** an einem Ordner oder einer Freigabe öffnet den Dialog. **Personen** nimmt Personen und Gruppen mit einer Rolle in die Freigabe auf: Lesen sieht, Mitarbeit ändert, Verwaltung entscheidet auch, wer dabei ist. Wer kein Konto hat, bekommt eine **Einladung**: Gib ihre Adresse weiter, sie gilt für eine Anmeldung. Eine Rolle kann ein Ende haben. Geteiltes kommt bei den anderen ohne Neuladen an.
@user permissions Wer was darf
Rollen gelten für die ganze Freigabe. Unter **Berechtigungen** bekommt ein Ordner oder eine Datei eigene Einträge: einzelne Rechte für Person oder Gruppe erlauben oder verweigern, für das Objekt, für seinen Inhalt oder beides. Der nächste Eintrag entscheidet; an derselben Stelle schlägt Verweigern das Erlauben; jeder Eintrag schlägt die Rolle. Ohne **Von oben erben** zählt nicht, was von höheren Ordnern kommt. **Warum hat diese Person Zugriff?** nennt den Eintrag oder die Rolle, die entschieden hat.
@user versions Versionen
Ändert sich der Inhalt einer Datei, bleibt der vorige als Version. **Details → Versionen** zeigt sie: herunterladen oder wiederherstellen. Wiederherstellen macht eine neue Version mit dem alten Inhalt; dabei geht nichts verloren.
@user moment Zurück auf einen Zeitpunkt
Ein Ordner lässt sich auf einen Zeitpunkt zurücksetzen: den Regler bewegen, ansehen, was anders würde, dann zurücksetzen. Was jetzt da ist, geht nicht verloren: Inhalte bleiben als Versionen, Hinzugekommenes kommt in den Papierkorb, und es lässt sich rückgängig machen.
@user conflicts Konflikte
Ein Konflikt entsteht, wenn zwei Personen oder Rechner dieselbe Datei änderten, ohne voneinander zu wissen. Nichts ist verloren: Alle sehen den Stand des Servers, bis jemand entscheidet. **Konflikte** zeigt beide Seiten, Text Zeile für Zeile. Behalte deines (1), das andere (2) oder beides (3); was nicht bleibt, ist noch eine Version.
@user trash Papierkorb
Was du löschst, kommt in den Papierkorb der Freigabe; **Rückgängig** holt es sofort zurück. Solange es dort liegt, lässt es sich wiederherstellen.

**Letzte Aktionen** im Kontomenü listet, was du getan hast, jeweils mit **Rückgängig**; Strg+Z nimmt die letzte zurück. Mehrere ausgewählte Dateien benennst du mit **Umbenennen …** in ihrem Menü zusammen um: Ein Teil der Namen wird ersetzt, und du siehst vorher, wie.
@user sync Einen Ordner abgleichen
\`scaidrive sync\` gleicht einen Ordner deines Rechners mit einer Freigabe ab. **Einstellungen → Geräte** zeigt jeden Rechner, was nicht abgeglichen ist und was er zurückhält: Bevor viele Dateien auf einmal gelöscht werden, fragt er dich.
@user cli Kommandozeile
\`scaidrive login ADRESSE\` meldet einmal an. Danach tun \`scaidrive ls FREIGABE:/\`, \`put\`, \`get\`, \`mv\`, \`cp\`, \`rm\`, \`restore\` und \`versions\`, was ihre Namen sagen; \`put -r\` und \`get -r\` nehmen ganze Ordner und überspringen, was schon da ist. Jeder Befehl hat \`--help\` mit einem Beispiel und \`--json\` für Skripte.
@user synccli Einen Ordner zum Abgleich einrichten
\`scaidrive sync add FREIGABE ORDNER\` verbindet eine Freigabe mit einem Ordner deines Rechners; \`scaidrive sync run\` gleicht ab, solange es läuft, \`scaidrive sync run --once\` einmal. \`sync status\` sagt, was nicht abgeglichen ist und warum. Was beide Seiten änderten, bleibt doppelt oder wartet unter **Konflikte**, wie es die Freigabe sagt. Bearbeitete Dateien werden nie weggeworfen: Was nicht bleiben kann, kommt in \`.scaidrive/rescue\` im Ordner.
@user install Als App installieren
Dein Browser bietet im Menü **Installieren** an (am Telefon: *Zum Startbildschirm*), wenn dieser Server über HTTPS erreicht wird. Ohne Verbindung öffnet sich die App und sagt es; Dateien liegen nicht auf dem Gerät.
@admin firststart Erster Start
Das Verwaltungskonto des ersten Starts entsteht mit \`SCAIDRIVE_ADMIN_EMAIL\` und \`SCAIDRIVE_ADMIN_PASSWORD\`. Alle Daten liegen im Ordner von \`--data\`; gib ihm eine eigene Platte und sichere ihn als Ganzes. Biete HTTPS an: Große Filme, Installieren und das Fortsetzen gezogener Dateien brauchen es.
@admin people Personen und Gruppen
Gib Rechte eher Gruppen als Personen: Wer dazukommt, hat sie sofort, wer geht, verliert sie sofort. Wer gesperrt wird, verliert Anmeldungen und Token; die Dateien bleiben.
@admin rights Rechte
Die Rollen einer Freigabe sind Lesen, Mitarbeit, Verwaltung und Besitz. Darunter geben oder nehmen Einträge an Ordnern und Dateien einzelne Rechte. Was jemand nicht sehen darf, sieht aus wie nicht vorhanden.
@admin health Zustand und Reparatur
\`scaidrive verify\` liest alles und vergleicht es mit den Prüfsummen; \`scaidrive repair\` richtet, was sich richten lässt. Ist die Platte voll, geht das Lesen weiter, und das Schreiben ruht, bis Platz ist.
@admin console Die Konsole
**Konto → Konsole** gibt es für die Verwaltung. Die Übersicht zeigt, ob alle Teile arbeiten und was sonst zu tun ist, wie viel gespeichert ist und wo, was die Deduplizierung mindestens spart, und wie viele Menschen heute, in 7 und in 30 Tagen da waren. Unter den Benutzern entstehen Konten (der Link für das Passwort wird einmal gezeigt, gib ihn weiter); dort wird gesperrt, wieder eingelassen und die Rolle geändert. Gruppen können Gruppen enthalten. Auch alle Freigaben des Mandanten stehen dort, und die Einstellungen, etwa die Tage des Papierkorbs und die Länge der Passwörter.
@admin tenants Mandanten und Partner
Ein Mandant ist eine getrennte Organisation auf demselben Server: eigene Personen, Gruppen, Freigaben, Einstellungen; niemand sieht hinüber. Oberste Verwaltung und Partner legen Mandanten an und sperren sie; hinein sehen sie nicht. Ein gesperrter Mandant ist ab der nächsten Anfrage ausgeschlossen und behält alles.
@admin retention Papierkorb und Versionen
Was im Papierkorb liegt, zählt als Speicher und wird nach den Tagen des Mandanten endgültig gelöscht (30, wenn nichts anderes gesetzt ist; eine Freigabe kann eigene haben). Alle Versionen bleiben, solange Mandant oder Freigabe weder Tage noch Anzahl setzen.
@admin backup Sicherung
Halte den Server an und kopiere den Datenordner als Ganzes (\`reserve\` und \`derived/\` dürfen fehlen), oder mache im Betrieb eine Momentaufnahme der Platte: Das ist, was ein Stromausfall hinterlässt, und damit startet der Server. Zum Zurückholen die Kopie an ihren Platz legen, \`scaidrive verify --data ORDNER\` ausführen, dann starten. Übe es, bevor du es brauchst.
@admin verify Prüfen und reparieren
Halte zuerst den Server an. \`scaidrive verify --data ORDNER\` vergleicht Köpfe, Verzeichnisse und Zählungen, mit \`--read-data\` liest es jedes Byte. \`scaidrive repair --data ORDNER\` baut auf, was sich aufbauen lässt, und entfernt nichts, was lesbar war; erst \`--accept-loss\` geht ohne das Unlesbare weiter und nennt es. Rückgabe 0: alles in Ordnung.
@admin tokens Token für Skripte
**Einstellungen → API-Token** erstellt ein Token, das im Namen seines Erstellers handelt, in seinen Grenzen. Gib jedem Skript ein eigenes, lass es enden, lösche, was nicht benutzt wird. Das Geheimnis wird einmal gezeigt.
@errors connection Keine Verbindung seit …
Der Server ist nicht erreichbar. Du siehst, was zuvor geladen wurde; Uploads warten und gehen von selbst weiter. Prüfe dein Netz und versuche es dann noch einmal.
@errors signin Deine Anmeldung ist beendet
Melde dich neu an: Uploads warten, nichts ist verloren. Das geschieht nach langer Pause, oder wenn die Verwaltung deine Anmeldungen beendet hat.
@errors gone Das kannst du nicht sehen, oder es ist nicht mehr da
Du hast kein Recht darauf, es wurde gelöscht, oder die Adresse stimmt nicht. Bitte, wer sie geschickt hat, es mit dir zu teilen.
@errors taken Eine Datei oder ein Ordner hier heißt schon so
Groß- und Kleinschreibung zählt bei Namen nicht. Nimm einen anderen Namen, oder ersetze die Datei.
@errors names Ein Name wird abgelehnt
Namen dürfen \`\\ / : * ? " < > |\` nicht enthalten, nicht mit Punkt oder Leerzeichen enden und höchstens 255 Byte haben, damit sie auf jedem Rechner gehen.
@errors changed Jemand hat es inzwischen geändert
Was du sahst, ist nicht mehr, was da ist. Sieh es neu an und entscheide dann; überschrieben wurde nichts.
@errors room Es ist kein Platz mehr
Die Freigabe oder die Platte des Servers ist voll. Leere den Papierkorb, oder frage die Verwaltung.
@errors damaged Auf dem Server gespeicherte Daten sind beschädigt
Gelesenes wird mit seiner Prüfsumme verglichen, und hier stimmte sie nicht. Nenne der Verwaltung die Anfragenummer; andere Dateien betrifft es nicht.
@errors fault Der Server hatte einen Fehler
Versuche es noch einmal. Bleibt es dabei, nenne der Verwaltung die Anfragenummer unter **Details**; sie steht im Protokoll des Servers.
@errors uploadfailed Ein Upload schlug fehl
Der Grund steht bei der Datei. **Zu groß**: Die Grenze wird genannt. **Nicht lesbar**: Sie wurde auf deinem Rechner geändert oder verschoben; wähle sie neu. **Die Verbindung brach ab**: Versuche alle noch einmal; was angekommen war, wird nicht wieder gesendet. **Du kannst hier nichts hinzufügen**: Deine Rolle in diesem Ordner erlaubt nur Lesen.
@errors conflict Ein Konflikt wartet
Zwei Seiten änderten dieselbe Datei. Öffne **Konflikte** und entscheide; bis dahin bleibt der Inhalt auf dem Server.
@errors heldback Ein Rechner hält Löschungen zurück
Viele Dateien verschwanden auf einmal aus einem abgeglichenen Ordner, vielleicht weil eine Platte fehlte. Auf dem Server wird nichts gelöscht, bis du es sagst: **Einstellungen → Geräte**. Im Papierkorb sind sie in jedem Fall.
@errors readonly Der Server nimmt gerade keine Änderungen an
Lesen geht. Die Platte konnte etwas nicht speichern, deshalb wird nichts mehr zugesagt. Sage es der Verwaltung: Platte ansehen, dann den Server neu starten. Was bestätigt war, ist gespeichert.
@errors toomany Zu viele Anfragen oder falsche Passwörter
Warte die genannte Zeit. Falsche Passwörter zählen je Konto und Adresse; ein richtiges löscht die Zählung.
`;export{e as default};