; Archives are offered to Nanami under "Open with" and stay with whoever opens them now.
!macro customInstall
  WriteRegStr SHCTX "Software\Classes\Nanami.zip" "" "Archive of WireGuard configurations"
  WriteRegStr SHCTX "Software\Classes\Nanami.zip\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHCTX "Software\Classes\.zip\OpenWithProgids" "Nanami.zip" ""
!macroend

!macro customUnInstall
  DeleteRegValue SHCTX "Software\Classes\.zip\OpenWithProgids" "Nanami.zip"
  DeleteRegKey SHCTX "Software\Classes\Nanami.zip"
!macroend
