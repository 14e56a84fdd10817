var e=`@user start Freigaben, Ordner und Dateien
Eine **Freigabe** ist ein Ort für Dateien, die zusammengehören; **Mein Laufwerk** gehört Ihnen allein. Öffnen Sie eine Freigabe, um ihre Ordner und Dateien zu sehen. Sortiert wird über die Spaltenköpfe. Doppelklick oder Eingabe öffnet einen Ordner oder zeigt eine Datei. Die Adresse jeder Seite kann man weitergeben: Wer sie sehen darf, sieht sie.
@user upload Dateien und Ordner hochladen
Ziehen Sie Dateien oder ganze Ordner auf einen offenen Ordner, oder nehmen Sie **Hochladen**. Drei Dateien werden zugleich gesendet; die Ablage unten zeigt, wie weit und wie schnell. Eine Störung hält die anderen nicht auf: Die Datei bleibt mit ihrem Grund in der Liste, und alles Fehlgeschlagene lässt sich zusammen noch einmal senden.

Ist ein Name vergeben, wählen Sie **Ersetzen** (die Datei bekommt eine neue Version), **Beide behalten** oder **Überspringen**.
@user resume Wenn ein Upload unterbrochen wurde
Nach Neuladen, Ruhezustand, Netzwechsel oder neuer Anmeldung geht ein Upload dort weiter, wo er war. Wo der Browser uns die Datei nicht wieder lesen lässt, fragt die Liste danach: Wählen oder ziehen Sie **dieselbe Datei** hierher, nach einer Prüfung geht es weiter. Hat sie sich geändert, wird sie von vorn gesendet. Fortsetzen geht einen Tag lang. Abmelden beendet und vergisst Uploads.
@user preview Dateien ansehen
Bilder, PDF-Dokumente, Text, Code, Markdown, Ton und Film werden hier gezeigt; für andere gibt es **Herunterladen**. Die Pfeiltasten ← → gehen zur vorigen und nächsten Datei. Was eine Datei enthält, läuft nie in Ihrem Browser: SVG und HTML werden als Text gezeigt.
@user edit Text bearbeiten
Text und Markdown haben **Bearbeiten**, wenn Sie die Datei ändern dürfen. Speichern macht eine neue Version. Hat inzwischen jemand gespeichert, wird nichts überschrieben: Speichern Sie Ihres als neue Datei, ersetzen Sie das andere (es bleibt unter den Versionen), oder verwerfen Sie Ihres.
@user share Mit anderen teilen
**Teilen** an einem Ordner oder einer Freigabe öffnet den Dialog. **Personen** nimmt Personen und Gruppen mit einer Rolle in die Freigabe auf: Lesen sieht, Mitarbeit ändert, Verwaltung entscheidet auch, wer dabei ist. Wer kein Konto hat, bekommt eine **Einladung**: Geben Sie ihre Adresse weiter, sie gilt für eine Anmeldung. Eine Rolle kann ein Ende haben. Geteiltes kommt bei den anderen ohne Neuladen an.
@user permissions Wer was darf
Rollen gelten für die ganze Freigabe. Unter **Berechtigungen** bekommt ein Ordner oder eine Datei eigene Einträge: einzelne Rechte für Person oder Gruppe erlauben oder verweigern, für das Objekt, für seinen Inhalt oder beides. Der nächste Eintrag entscheidet; an derselben Stelle schlägt Verweigern das Erlauben; jeder Eintrag schlägt die Rolle. Ohne **Von oben erben** zählt nicht, was von höheren Ordnern kommt. **Warum hat diese Person Zugriff?** nennt den Eintrag oder die Rolle, die entschieden hat.
@user versions Versionen
Ändert sich der Inhalt einer Datei, bleibt der vorige als Version. **Details → Versionen** zeigt sie: herunterladen oder wiederherstellen. Wiederherstellen macht eine neue Version mit dem alten Inhalt; dabei geht nichts verloren.
@user moment Zurück auf einen Zeitpunkt
Ein Ordner lässt sich auf einen Zeitpunkt zurücksetzen: den Regler bewegen, ansehen, was anders würde, dann zurücksetzen. Was jetzt da ist, geht nicht verloren: Inhalte bleiben als Versionen, Hinzugekommenes kommt in den Papierkorb, und es lässt sich rückgängig machen.
@user conflicts Konflikte
Ein Konflikt entsteht, wenn zwei Personen oder Rechner dieselbe Datei änderten, ohne voneinander zu wissen. Nichts ist verloren: Alle sehen den Stand des Servers, bis jemand entscheidet. **Konflikte** zeigt beide Seiten, Text Zeile für Zeile. Behalten Sie Ihres (1), das andere (2) oder beides (3); was nicht bleibt, ist noch eine Version.
@user trash Papierkorb
Was Sie löschen, kommt in den Papierkorb der Freigabe; **Rückgängig** holt es sofort zurück. Solange es dort liegt, lässt es sich wiederherstellen.
@user sync Einen Ordner abgleichen
\`scaidrive sync\` gleicht einen Ordner Ihres Rechners mit einer Freigabe ab. **Einstellungen → Geräte** zeigt jeden Rechner, was nicht abgeglichen ist und was er zurückhält: Bevor viele Dateien auf einmal gelöscht werden, fragt er Sie.
@user cli Kommandozeile
\`scaidrive login ADRESSE\` meldet einmal an. Danach tun \`scaidrive ls FREIGABE:/\`, \`put\`, \`get\`, \`mv\`, \`cp\`, \`rm\`, \`restore\` und \`versions\`, was ihre Namen sagen; \`put -r\` und \`get -r\` nehmen ganze Ordner und überspringen, was schon da ist. Jeder Befehl hat \`--help\` mit einem Beispiel und \`--json\` für Skripte.
@user synccli Einen Ordner zum Abgleich einrichten
\`scaidrive sync add FREIGABE ORDNER\` verbindet eine Freigabe mit einem Ordner Ihres Rechners; \`scaidrive sync run\` gleicht ab, solange es läuft, \`scaidrive sync run --once\` einmal. \`sync status\` sagt, was nicht abgeglichen ist und warum. Was beide Seiten änderten, bleibt doppelt oder wartet unter **Konflikte**, wie es die Freigabe sagt. Bearbeitete Dateien werden nie weggeworfen: Was nicht bleiben kann, kommt in \`.scaidrive/rescue\` im Ordner.
@user install Als App installieren
Ihr Browser bietet im Menü **Installieren** an (am Telefon: *Zum Startbildschirm*), wenn dieser Server über HTTPS erreicht wird. Ohne Verbindung öffnet sich die App und sagt es; Dateien liegen nicht auf dem Gerät.
@admin firststart Erster Start
Das Verwaltungskonto des ersten Starts entsteht mit \`SCAIDRIVE_ADMIN_EMAIL\` und \`SCAIDRIVE_ADMIN_PASSWORD\`. Alle Daten liegen im Ordner von \`--data\`; geben Sie ihm eine eigene Platte und sichern Sie ihn als Ganzes. Bieten Sie HTTPS an: Große Filme, Installieren und das Fortsetzen gezogener Dateien brauchen es.
@admin people Personen und Gruppen
Geben Sie Rechte eher Gruppen als Personen: Wer dazukommt, hat sie sofort, wer geht, verliert sie sofort. Wer gesperrt wird, verliert Anmeldungen und Token; die Dateien bleiben.
@admin rights Rechte
Die Rollen einer Freigabe sind Lesen, Mitarbeit, Verwaltung und Besitz. Darunter geben oder nehmen Einträge an Ordnern und Dateien einzelne Rechte. Was jemand nicht sehen darf, sieht aus wie nicht vorhanden.
@admin health Zustand und Reparatur
\`scaidrive verify\` liest alles und vergleicht es mit den Prüfsummen; \`scaidrive repair\` richtet, was sich richten lässt. Ist die Platte voll, geht das Lesen weiter, und das Schreiben ruht, bis Platz ist.
@admin console Die Konsole
**Konto → Konsole** gibt es für die Verwaltung. Die Übersicht zeigt, ob alle Teile arbeiten, wie viel gespeichert ist und wo. Unter den Benutzern entstehen Konten (der Link für das Passwort wird einmal gezeigt, geben Sie ihn weiter); dort wird gesperrt, wieder eingelassen und die Rolle geändert. Gruppen können Gruppen enthalten. Auch alle Freigaben des Mandanten stehen dort, und die Einstellungen, etwa die Tage des Papierkorbs und die Länge der Passwörter.
@admin tenants Mandanten und Partner
Ein Mandant ist eine getrennte Organisation auf demselben Server: eigene Personen, Gruppen, Freigaben, Einstellungen; niemand sieht hinüber. Oberste Verwaltung und Partner legen Mandanten an und sperren sie; hinein sehen sie nicht. Ein gesperrter Mandant ist ab der nächsten Anfrage ausgeschlossen und behält alles.
@admin retention Papierkorb und Versionen
Was im Papierkorb liegt, zählt als Speicher und wird nach den Tagen des Mandanten endgültig gelöscht (30, wenn nichts anderes gesetzt ist; eine Freigabe kann eigene haben). Alle Versionen bleiben, solange Mandant oder Freigabe weder Tage noch Anzahl setzen.
@admin backup Sicherung
Halten Sie den Server an und kopieren Sie den Datenordner als Ganzes (\`reserve\` und \`derived/\` dürfen fehlen), oder machen Sie im Betrieb eine Momentaufnahme der Platte: Das ist, was ein Stromausfall hinterlässt, und damit startet der Server. Zum Zurückholen die Kopie an ihren Platz legen, \`scaidrive verify --data ORDNER\` ausführen, dann starten. Üben Sie es, bevor Sie es brauchen.
@admin verify Prüfen und reparieren
Halten Sie zuerst den Server an. \`scaidrive verify --data ORDNER\` vergleicht Köpfe, Verzeichnisse und Zählungen, mit \`--read-data\` liest es jedes Byte. \`scaidrive repair --data ORDNER\` baut auf, was sich aufbauen lässt, und entfernt nichts, was lesbar war; erst \`--accept-loss\` geht ohne das Unlesbare weiter und nennt es. Rückgabe 0: alles in Ordnung.
@admin tokens Token für Skripte
**Einstellungen → API-Token** erstellt ein Token, das im Namen seines Erstellers handelt, in seinen Grenzen. Geben Sie jedem Skript ein eigenes, lassen Sie es enden, löschen Sie, was nicht benutzt wird. Das Geheimnis wird einmal gezeigt.
@errors connection Keine Verbindung seit …
Der Server ist nicht erreichbar. Sie sehen, was zuvor geladen wurde; Uploads warten und gehen von selbst weiter. Prüfen Sie Ihr Netz und versuchen Sie es dann noch einmal.
@errors signin Ihre Anmeldung ist beendet
Melden Sie sich neu an: Uploads warten, nichts ist verloren. Das geschieht nach langer Pause, oder wenn die Verwaltung Ihre Anmeldungen beendet hat.
@errors gone Das können Sie nicht sehen, oder es ist nicht mehr da
Sie haben kein Recht darauf, es wurde gelöscht, oder die Adresse stimmt nicht. Bitten Sie, wer sie geschickt hat, es mit Ihnen zu teilen.
@errors taken Eine Datei oder ein Ordner hier heißt schon so
Groß- und Kleinschreibung zählt bei Namen nicht. Nehmen Sie einen anderen Namen, oder ersetzen Sie die Datei.
@errors names Ein Name wird abgelehnt
Namen dürfen \`\\ / : * ? " < > |\` nicht enthalten, nicht mit Punkt oder Leerzeichen enden und höchstens 255 Byte haben, damit sie auf jedem Rechner gehen.
@errors changed Jemand hat es inzwischen geändert
Was Sie sahen, ist nicht mehr, was da ist. Sehen Sie es neu an und entscheiden Sie dann; überschrieben wurde nichts.
@errors room Es ist kein Platz mehr
Die Freigabe oder die Platte des Servers ist voll. Leeren Sie den Papierkorb, oder fragen Sie die Verwaltung.
@errors damaged Auf dem Server gespeicherte Daten sind beschädigt
Gelesenes wird mit seiner Prüfsumme verglichen, und hier stimmte sie nicht. Nennen Sie der Verwaltung die Anfragenummer; andere Dateien betrifft es nicht.
@errors fault Der Server hatte einen Fehler
Versuchen Sie es noch einmal. Bleibt es dabei, nennen Sie der Verwaltung die Anfragenummer unter **Details**; sie steht im Protokoll des Servers.
@errors uploadfailed Ein Upload schlug fehl
Der Grund steht bei der Datei. **Zu groß**: Die Grenze wird genannt. **Nicht lesbar**: Sie wurde auf Ihrem Rechner geändert oder verschoben; wählen Sie sie neu. **Die Verbindung brach ab**: Versuchen Sie alle noch einmal; was angekommen war, wird nicht wieder gesendet. **Sie können hier nichts hinzufügen**: Ihre Rolle in diesem Ordner erlaubt nur Lesen.
@errors conflict Ein Konflikt wartet
Zwei Seiten änderten dieselbe Datei. Öffnen Sie **Konflikte** und entscheiden Sie; bis dahin bleibt der Inhalt auf dem Server.
@errors heldback Ein Rechner hält Löschungen zurück
Viele Dateien verschwanden auf einmal aus einem abgeglichenen Ordner, vielleicht weil eine Platte fehlte. Auf dem Server wird nichts gelöscht, bis Sie es sagen: **Einstellungen → Geräte**. Im Papierkorb sind sie in jedem Fall.
@errors readonly Der Server nimmt gerade keine Änderungen an
Lesen geht. Die Platte konnte etwas nicht speichern, deshalb wird nichts mehr zugesagt. Sagen Sie es der Verwaltung: Platte ansehen, dann den Server neu starten. Was bestätigt war, ist gespeichert.
@errors toomany Zu viele Anfragen oder falsche Passwörter
Warten Sie die genannte Zeit. Falsche Passwörter zählen je Konto und Adresse; ein richtiges löscht die Zählung.
`;export{e as default};