var e=`@user start Freigaben, Ordner und Dateien
Eine **Freigabe** ist ein Ort für Dateien, die zusammengehören; **Meine Ablage** gehört Ihnen allein. Öffnen Sie eine Freigabe, um ihre Ordner und Dateien zu sehen. Sortiert wird über die Spaltenköpfe. Doppelklick oder Eingabe öffnet einen Ordner oder zeigt eine Datei. Die Adresse jeder Seite kann man weitergeben: Wer sie sehen darf, sieht sie.
@user upload Dateien und Ordner hochladen
Ziehen Sie Dateien oder ganze Ordner auf einen offenen Ordner, oder nehmen Sie **Hochladen**. Drei Dateien werden zugleich gesendet; die Ablage unten zeigt, wie weit und wie schnell. Eine Störung hält die anderen nicht auf: Die Datei bleibt mit ihrem Grund in der Liste, und alles Fehlgeschlagene lässt sich zusammen noch einmal senden.

Ist ein Name vergeben, wählen Sie **Ersetzen** (die Datei bekommt eine neue Version), **Beide behalten** oder **Überspringen**.
@user resume Wenn ein Upload unterbrochen wurde
Nach Neuladen, Ruhezustand, Netzwechsel oder neuer Anmeldung geht ein Upload dort weiter, wo er war. Wo der Browser uns die Datei nicht wieder lesen lässt, fragt die Liste danach: Wählen oder ziehen Sie **dieselbe Datei** hierher, nach einer Prüfung geht es weiter. Hat sie sich geändert, wird sie von vorn gesendet. Fortsetzen geht einen Tag lang. Abmelden beendet und vergisst Uploads.
@user preview Dateien ansehen
Bilder, PDF-Dokumente, Text, Code, Markdown, Ton und Film werden hier gezeigt; für andere gibt es **Herunterladen**. Die Pfeiltasten ← → gehen zur vorigen und nächsten Datei. Was eine Datei enthält, läuft nie in Ihrem Browser: SVG und HTML werden als Text gezeigt.
@user edit Text bearbeiten
Text und Markdown haben **Bearbeiten**, wenn Sie die Datei ändern dürfen. Speichern macht eine neue Version. Hat inzwischen jemand gespeichert, wird nichts überschrieben: Speichern Sie Ihres als neue Datei, ersetzen Sie das andere (es bleibt unter den Versionen), oder verwerfen Sie Ihres.
@user trash Papierkorb
Was Sie löschen, kommt in den Papierkorb der Freigabe; **Rückgängig** holt es sofort zurück. Solange es dort liegt, lässt es sich wiederherstellen.
@user sync Einen Ordner abgleichen
\`scaidrive sync\` gleicht einen Ordner Ihres Rechners mit einer Freigabe ab. **Einstellungen → Geräte** zeigt jeden Rechner, was nicht abgeglichen ist und was er zurückhält: Bevor viele Dateien auf einmal gelöscht werden, fragt er Sie.
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
`;export{e as default};